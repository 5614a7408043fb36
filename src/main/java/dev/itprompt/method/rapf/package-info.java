/** RAPF (Huang et al. 2024): one linear map of CLIP's image features, whose steps are mixed with the map before. */
package dev.itprompt.method.rapf;
