package dev.itprompt.data.sets;

import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import dev.itprompt.data.DataException;
import java.util.List;

/** All data sets and formats that are known, by name. */
public final class Datasets {

    private static final List<DatasetSpec> ALL = List.of(Cifar.CIFAR_10, Cifar.CIFAR_100, new ImageNetR(), WordNetFolders.IMAGENET_A,
            new Cub200(), new WordNetFolders.TinyImageNet(), new Digits.FiveDatasets(), new Digits.Svhn(), new Digits.Mnist(),
            new Digits.NotMnist(), new Digits.FashionMnistSpec(), new StanfordCars(), new ListedImages.FgvcAircraft(),
            new ListedImages.Food101(), new ListedImages.OxfordPets(), new Flowers102(), new ListedImages.Dtd(), ClassTrees.EUROSAT,
            new ListedImages.Sun397(), ClassTrees.CALTECH_101, WordNetFolders.OBJECTNET, new DomainSets.DomainNet(), new DomainSets.Core50(),
            Sequences.MTIL_1, Sequences.MTIL_2, Sequences.X_TAIL, new Formats.ImageFolder(), new Formats.Idx(), new Formats.Listing(),
            new Formats.WebDataset(), new ParquetSet());

    private Datasets() { }

    /** In the order of documentation. */
    public static List<DatasetSpec> all() {
        return ALL;
    }

    /** Their names. */
    public static List<String> names() {
        return ALL.stream().map(spec -> spec.facts().name()).toList();
    }

    /**
     * One of them.
     *
     * @throws InputException if there is none of that name; lists them
     */
    public static DatasetSpec of(String name) {
        return ALL.stream().filter(spec -> spec.facts().name().equals(name)).findFirst().orElseThrow(() -> new InputException(unknown(name)));
    }

    /** What to say of a name that is none of them. */
    public static String unknown(String name) {
        return "unknown data set '" + name + "'" + NearestMatch.hint(name, names());
    }

    /**
     * Opens one.
     *
     * @throws DataException if it is not as it should be
     */
    public static Split open(String name, DatasetOptions options) {
        DatasetSpec spec = of(name);
        return spec.open(DatasetFolder.of(spec.facts(), options));
    }
}
