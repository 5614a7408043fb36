/** VPT-NSP² (Lu et al. 2024): visual prompts for all tasks whose steps keep to the null space of what older tasks' images have shown. */
package dev.itprompt.method.nsp;
