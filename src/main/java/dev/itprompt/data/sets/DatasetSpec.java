package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;

/** How a data set lies on disk and what is known of it. */
public interface DatasetSpec {

    /** What is published about it. */
    DatasetFacts facts();

    /**
     * Finds its images; none is decoded yet.
     *
     * @throws DataException if a file is missing, renamed or damaged, or counts and hashes are others than the published ones
     */
    Split open(DatasetFolder folder);
}
