/** Lists of jobs that do not depend on each other, done here or on several machines. Uses no other room. */
package dev.itprompt.cluster;
