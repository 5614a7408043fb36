package dev.itprompt.checkpoint;

/** How a writer stores tensors. Memory always holds float32. */
public enum StorageType {
    /** 4 bytes an element, exact. */
    FP32(ElementType.F32),
    /** 2 bytes an element, rounded to the nearest IEEE 754 binary16. */
    FP16(ElementType.F16);

    private final ElementType elementType;

    StorageType(ElementType elementType) {
        this.elementType = elementType;
    }

    ElementType elementType() {
        return elementType;
    }
}
