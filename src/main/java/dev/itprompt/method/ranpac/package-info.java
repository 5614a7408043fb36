/** RanPAC (McDonnell et al. 2023): ridge regression from random features of frozen features to classes. */
package dev.itprompt.method.ranpac;
