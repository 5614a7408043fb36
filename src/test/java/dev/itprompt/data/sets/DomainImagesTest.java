package dev.itprompt.data.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DomainImagesTest {

    @Test
    void aClassOfADomainHasALabelOfItsOwn() {
        LabeledImages images = new LabeledImages() {
            @Override
            public int size() {
                return 6;
            }

            @Override
            public int label(int index) {
                return index % 2;
            }

            @Override
            public List<String> classNames() {
                return List.of("cat", "dog");
            }

            @Override
            public RgbImage image(int index) {
                return new RgbImage(1, 1, new byte[] {(byte) index, 0, 0});
            }
        };
        LabeledImages split = DomainImages.of(images, new int[] {2, 0, 1, 1, 0, 2}, List.of("a", "b", "c"));
        assertEquals(List.of("cat", "dog", "cat", "dog", "cat", "dog"), split.classNames());
        assertEquals(List.of(4, 1, 2, 3, 0, 5), IntStream.range(0, 6).mapToObj(split::label).toList());
        assertEquals(3, split.image(3).get(0, 0, 0));
        LabeledImages shared = DomainImages.of(images, new int[] {-1, -1, -1, -1, -1, -1}, List.of("a", "b", "c"));
        assertEquals(List.of(0, 1, 2, 3, 4, 5), IntStream.range(0, 6).mapToObj(shared::label).toList());
    }
}
