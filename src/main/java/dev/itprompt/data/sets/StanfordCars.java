package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.MatFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Stanford Cars: 16,185 photographs of 196 kinds of cars, with MATLAB files of the labels. Source: Krause et al. 2013. */
record StanfordCars() implements DatasetSpec {

    private static final DatasetFacts FACTS = new DatasetFacts("stanford-cars", "Stanford Cars", 196, 8_144, 8_041,
            "for non-commercial research", "https://ai.stanford.edu/~jkrause/cars/car_dataset.html (gone; others keep copies)",
            "stanford_cars", List.of());

    @Override
    public DatasetFacts facts() {
        return FACTS;
    }

    @Override
    public Split open(DatasetFolder folder) {
        if (Trees.isSplit(folder.root())) {
            return folder.checked(Trees.split(folder));
        }
        Path meta = folder.requireAny("devkit/cars_meta.mat", "cars_meta.mat");
        MatFile cells = MatFile.read(meta);
        List<String> names = cells.get("class_names", MatFile.Cells.class).cells().stream().map(cells::text).toList();
        Path train = folder.requireAny("devkit/cars_train_annos.mat", "cars_train_annos.mat");
        Path test = folder.requireAny("cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat");
        Split split = new Split(listing(folder, train, folder.require("cars_train")).train(names),
                listing(folder, test, folder.require("cars_test")).test(names), "official");
        DatasetFolder.requireFiles(split.train(), split.test());
        return folder.checked(split);
    }

    private static DatasetFolder.Listing listing(DatasetFolder folder, Path file, Path images) {
        MatFile mat = MatFile.read(file);
        DatasetFolder.Listing listing = folder.listing();
        for (Map<String, MatFile.Value> annotation : mat.structs("annotations")) {
            if (!annotation.keySet().containsAll(List.of("fname", "class"))) {
                throw new DataException(file, "annotations with 'class' and 'fname'", annotation.keySet().toString(),
                        "take the file with labels, cars_test_annos_withlabels.mat");
            }
            listing.add(DatasetFolder.inside(images, mat.text(annotation.get("fname")), file), mat.number(annotation.get("class")) - 1);
        }
        return listing;
    }
}
