package dev.itprompt.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bytes as people write them: {@code 4GB} and {@code 4G} are 4·2³⁰, {@code 512MB} and {@code 512M} are 512·2²⁰. */
final class ByteSize implements ITypeConverter<Long> {

    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?)(?:I?B)?");

    @Override
    public Long convert(String text) {
        Matcher form = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!form.matches() || form.group(1).length() > 15) {
            throw new TypeConversionException("expected bytes such as 4GB or 512MB, found '" + text + "'");
        }
        int power = 10 * (form.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(form.group(2)));
        return new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(1L << power)).longValue();
    }
}
