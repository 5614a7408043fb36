package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.FashionMnist;
import dev.itprompt.data.IdxImages;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.MatFile;
import dev.itprompt.data.PixelImages;
import dev.itprompt.data.StoredImages;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Sets of ten classes each: SVHN, MNIST, notMNIST, Fashion-MNIST, and the five that are learned one after the other. */
final class Digits {

    private static final String REMEDY = "fetch the file again";

    private Digits() { }

    private static List<String> digits() {
        return IntStream.range(0, 10).mapToObj(String::valueOf).toList();
    }

    /** SVHN's cropped digits as two MATLAB files; the label 10 is the digit 0. Source: Netzer et al. 2011. */
    record Svhn() implements DatasetSpec {

        private static final String URL = "http://ufldl.stanford.edu/housenumbers/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("svhn", "SVHN", 10, 73_257, 26_032, "for non-commercial use", URL, "svhn", List.of(
                    DatasetFacts.Download.md5(URL + "train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"),
                    DatasetFacts.Download.md5(URL + "test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            return folder.checked(new Split(part(folder, "train_32x32.mat", 0), part(folder, "test_32x32.mat", 1), "official, without extra"));
        }

        private PixelImages part(DatasetFolder folder, String name, int download) {
            Path file = folder.require(name);
            folder.checkHash(file, "MD5", facts().downloads().get(download).hash());
            MatFile mat = MatFile.read(file);
            MatFile.Numbers pixels = mat.get("X", MatFile.Numbers.class);
            int[] labels = mat.numbers("y");
            List<Integer> dims = pixels.dims();
            int count = dims.size() == 3 ? 1 : dims.size() == 4 ? dims.get(3) : -1;
            if (count != labels.length || dims.get(2) != 3 || pixels.type() != MatFile.Type.UINT8) {
                throw new DataException(file, "X of height x width x 3 x " + labels.length + " bytes, as many as labels",
                        dims + " of " + pixels.type(), REMEDY);
            }
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] < 0 || labels[i] > 10) {
                    throw new DataException(file, "labels from 1 to 10", String.valueOf(labels[i]), REMEDY);
                }
                labels[i] %= 10;
            }
            ByteBuffer values = pixels.data();
            long size = 3L * dims.get(0) * dims.get(1);
            return new PixelImages(dims.get(1), dims.get(0), PixelImages.Order.COLUMNS, List.of(new PixelImages.Run(file,
                    (offset, target) -> values.get((int) offset, target), 0, size, count)), labels, digits());
        }
    }

    private static Path idx(Path folder, String name) {
        Path plain = folder.resolve(name);
        return Files.exists(plain) ? plain : folder.resolve(name + ".gz");
    }

    private static LabeledImages idx(Path folder, String part, List<String> names) {
        return IdxImages.read(idx(folder, part + "-images-idx3-ubyte"), idx(folder, part + "-labels-idx1-ubyte"), names);
    }

    /** Where the four IDX files are: in the folder, or where torchvision puts them below it. */
    private static Path idxRoot(DatasetFolder folder) {
        Path raw = folder.root().resolve("raw");
        return Files.isDirectory(raw) ? raw : folder.root();
    }

    /** MNIST as four IDX files. Source: LeCun et al. 1998. */
    record Mnist() implements DatasetSpec {

        private static final String URL = "https://ossci-datasets.s3.amazonaws.com/mnist/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("mnist", "MNIST", 10, 60_000, 10_000, "CC BY-SA 3.0", URL, "MNIST", List.of(
                    DatasetFacts.Download.md5(URL + "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                    DatasetFacts.Download.md5(URL + "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
                    DatasetFacts.Download.md5(URL + "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
                    DatasetFacts.Download.md5(URL + "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c")));
        }

        @Override
        public Split open(DatasetFolder folder) {
            Path root = idxRoot(folder);
            return folder.checked(new Split(idx(root, "train", digits()), idx(root, "t10k", digits()), "official"));
        }
    }

    /** Fashion-MNIST as four IDX files; a part of it is as good. Source: Xiao, Rasul and Vollgraf 2017. */
    record FashionMnistSpec() implements DatasetSpec {

        private static final String URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("fashion-mnist", "Fashion-MNIST", 10, 60_000, 10_000, "MIT",
                    "https://github.com/zalandoresearch/fashion-mnist", "FashionMNIST", List.of(
                            DatasetFacts.Download.md5(URL + "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                            DatasetFacts.Download.md5(URL + "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                            DatasetFacts.Download.md5(URL + "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                            DatasetFacts.Download.md5(URL + "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310")));
        }

        /** Counts are not checked: a part comes with this program. */
        @Override
        public Split open(DatasetFolder folder) {
            Path root = idxRoot(folder);
            return new Split(FashionMnist.train(root), FashionMnist.test(root), "official");
        }
    }

    /** notMNIST: letters A to J in many fonts, trees of training and test images. A few published files are empty and are left out. */
    record NotMnist() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("notmnist", "notMNIST", 10, 0, 0, "none stated",
                    "http://yaroslavvb.com/upload/notMNIST/ (notMNIST_large.tar.gz and notMNIST_small.tar.gz)", "notMNIST", List.of());
        }

        @Override
        public Split open(DatasetFolder folder) {
            Split split = folder.has("notMNIST_large") ? Trees.pair(folder, folder.root().resolve("notMNIST_large"),
                    folder.require("notMNIST_small"), "large for training, small for testing")
                    : Trees.isSplit(folder.root()) ? Trees.split(folder)
                    : Trees.pair(folder, folder.require("Train"), folder.require("Test"), "");
            return folder.checked(new Split(withoutEmpty(folder, (StoredImages) split.train()),
                    withoutEmpty(folder, (StoredImages) split.test()), split.origin()));
        }

        private static StoredImages withoutEmpty(DatasetFolder folder, StoredImages images) {
            List<Path> files = images.files();
            int[] full = IntStream.range(0, files.size()).filter(i -> files.get(i).toFile().length() > 0).toArray();
            if (full.length < files.size()) {
                folder.options().train().warnings().warn(folder.root() + ": " + (files.size() - full.length)
                        + " empty files are left out, as they are published so");
            }
            return images.select(full);
        }
    }

    /** SVHN, MNIST, CIFAR-10, notMNIST and Fashion-MNIST, ten classes each, in this order. Source: Ebrahimi et al. 2020. */
    record FiveDatasets() implements DatasetSpec {

        @Override
        public DatasetFacts facts() {
            return new DatasetFacts("five-datasets", "5-datasets", 50, 0, 0, "those of its parts",
                    "the addresses of svhn, mnist, cifar-10, notmnist and fashion-mnist", "", List.of());
        }

        @Override
        public Split open(DatasetFolder folder) {
            return Sequences.join(folder, List.of(new Sequences.Part(new Svhn(), "svhn", "SVHN"),
                    new Sequences.Part(new Mnist(), "mnist", "MNIST"), new Sequences.Part(Cifar.CIFAR_10, "cifar-10", "cifar-10-batches-py",
                            "cifar-10-batches-bin", "CIFAR10"), new Sequences.Part(new NotMnist(), "notmnist", "notMNIST"),
                    new Sequences.Part(new FashionMnistSpec(), "fashion-mnist", "FashionMNIST")));
        }
    }
}
