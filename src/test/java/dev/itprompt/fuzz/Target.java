package dev.itprompt.fuzz;

import java.util.List;

/**
 * Something that takes what others wrote.
 *
 * @param name   what it reads
 * @param inputs how many inputs are tried in a round
 * @param seeds  valid inputs, which it must accept
 * @param words  that mean something in an input
 * @param reader what is done with an input
 */
record Target(String name, int inputs, List<byte[]> seeds, List<String> words, Reader reader) {

    /** Takes an input or refuses it. */
    interface Reader {

        /** @throws dev.itprompt.InputException if the input cannot be used */
        void read(byte[] input) throws Exception;
    }
}
