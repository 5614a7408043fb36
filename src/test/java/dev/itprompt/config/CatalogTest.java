package dev.itprompt.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Setting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CatalogTest {

    record Speed(@Setting(meaning = "meters a second", byDefault = "3", min = 0) double speed) {}

    record Gears(@Setting(meaning = "teeth", byDefault = "40", min = 1) int teeth) {}

    record Bike(
            @Setting(meaning = "speed", inline = true) Speed how,
            @Setting(meaning = "gears") Gears gears,
            @Setting(meaning = "color", byDefault = "red") String color) {
        Bike {
            if (color.equals("plaid")) {
                throw new IllegalArgumentException("color: plaid is none");
            }
        }
    }

    record Walk() {}

    record Plain<S extends Record>(String name, Class<S> settings, List<Answer> answers) implements Kind<S> {
        @Override
        public String meaning() {
            return "how to go by " + name;
        }
    }

    record Trip(
            @Setting(meaning = "where", byDefault = "home") String to,
            @Setting(meaning = "ways to go", byDefault = "[bike, walk]") Chosen<Plain<?>> ways) {}

    private static final Catalog<Plain<?>> WAYS = new Catalog<>("way",
            List.of(new Plain<>("bike", Bike.class, List.of(new Kind.Answer("-back", "the way back"))),
                    new Plain<>("walk", Walk.class, List.of())),
            List.of(new Variant("slow-bike", "bike", "a bike that takes its time", List.of("speed=1", "gears.teeth=20"))));

    private static Configuration.Builder<Trip> builder(String yaml, String... sets) {
        Configuration.Builder<Trip> builder = Configuration.of(Trip.class, WAYS).text("x.yaml", yaml);
        for (String set : sets) {
            builder.set("--set", set);
        }
        return builder;
    }

    private static Chosen<Plain<?>> ways(String yaml, String... sets) {
        return builder(yaml, sets).build().settings().ways();
    }

    private static String refused(String yaml, String... sets) {
        ConfigException e = assertThrows(ConfigException.class, () -> builder(yaml, sets).build());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage();
    }

    private static Bike bike(double speed, int teeth, String color) {
        return new Bike(new Speed(speed), new Gears(teeth), color);
    }

    private static Map<String, Record> settings(Chosen<Plain<?>> chosen) {
        Map<String, Record> settings = new LinkedHashMap<>();
        chosen.entries().forEach(entry -> settings.put(entry.name(), entry.settings()));
        return settings;
    }

    @Test
    void aListChooses() {
        assertEquals(List.of("bike", "walk"), ways("").names());
        Chosen<Plain<?>> chosen = ways("ways: [walk, bike-back, bike, slow-bike]");
        assertEquals(List.of("walk", "bike-back", "bike", "slow-bike"), chosen.names());
        assertEquals(List.of("walk", "bike", "slow-bike"), List.copyOf(settings(chosen).keySet()));
        assertEquals("bike", chosen.of("bike-back").name());
        assertEquals(List.of("walk"), ways("ways: [bike]", "ways=walk").names());
        assertEquals(List.of("walk"), ways("ways: [bike]", "ways.run=walk").names());
    }

    @Test
    void aSectionChoosesWhatItNamesAndGivesSettings() {
        Chosen<Plain<?>> chosen = ways("ways:\n  bike: {speed: 9, gears: {teeth: 50}}\n  bike-back:\n  walk: {}\n");
        assertEquals(List.of("bike", "bike-back", "walk"), chosen.names());
        assertEquals(Map.of("bike", bike(9, 50, "red"), "walk", new Walk()), settings(chosen));
        assertEquals(List.of("walk"), ways("ways: {bike: {speed: 9}}", "ways=walk").names());
        assertEquals(bike(9, 40, "red"), settings(ways("ways: {run: [bike-back], bike: {speed: 9}}")).get("bike"));
        assertEquals(bike(7, 40, "blue"), settings(ways("ways: {bike: {speed: 9}}", "ways.bike.speed=7", "ways.bike.color=blue")).get("bike"));
    }

    @Test
    void aVariantHasTheSettingsOfItsKindThatItDoesNotChange() {
        assertEquals(bike(1, 20, "red"), settings(ways("ways: [slow-bike]")).get("slow-bike"));
        String yaml = "ways: {run: [slow-bike], bike: {speed: 9, color: blue}, slow-bike: {gears: {teeth: 21}}}";
        assertEquals(Map.of("slow-bike", bike(1, 21, "blue")), settings(ways(yaml)));
        Configuration<Trip> configuration = builder(yaml).build();
        assertEquals("variant slow-bike", configuration.values().get("ways.slow-bike.speed").source());
        assertTrue(configuration.isGiven("ways.slow-bike.color"));
        assertFalse(configuration.values().containsKey("ways.bike.color"), "of those that are not chosen nothing is shown");
    }

    @Test
    void aConfigurationHasVariantsOfItsOwn() {
        String yaml = "ways:\n  mine: {of: yours, speed: 5}\n  mine-back:\n  yours: {of: slow-bike, color: green}\n  bike: {gears: {teeth: 30}}";
        Chosen<Plain<?>> chosen = ways(yaml);
        assertEquals(List.of("mine", "mine-back", "yours", "bike"), chosen.names());
        assertEquals(Map.of("mine", bike(5, 20, "green"), "yours", bike(1, 20, "green"), "bike", bike(3, 30, "red")), settings(chosen));
        assertEquals("x.yaml:2", builder(yaml).build().values().get("ways.mine.of").source());
        assertEquals(bike(8, 40, "red"),
                settings(ways("", "ways.mine.of=bike", "ways.mine.speed=8", "ways=mine")).get("mine"));
        assertEquals(bike(8, 40, "red"), settings(builder("ways: {mine: {of: bike}}").build().with("test", List.of("ways.mine.speed=8"))
                .settings().ways()).get("mine"));
    }

    @Test
    void namesAreChecked() {
        assertEquals("x.yaml:1: ways: unknown way 'bkie'; did you mean 'bike'?", refused("ways: [bkie]"));
        assertEquals("--set ways=fly: ways: unknown way 'fly'; known are bike, walk, slow-bike, bike-back, slow-bike-back", refused("", "ways=fly"));
        assertTrue(refused("ways: [walk, walk]").contains("different names"));
        assertTrue(refused("ways: []").contains("one or more different names"));
        assertTrue(refused("ways: {bkie: {speed: 3}}").contains("'ways.bkie'; did you mean 'ways.bike'?"));
        assertTrue(refused("ways: walk").contains("ways: expected a list of names, or a section with names for keys, found 'walk'"));
        assertTrue(refused("ways: {bike: {sped: 3}}").contains("did you mean 'ways.bike.speed'?"));
        assertTrue(refused("ways: {bike-back: {speed: 3}}").contains("expected nothing, since it has the settings of ways.bike"));
        assertTrue(refused("ways: {run: [walk], walk: {speed: 3}}").contains("unknown key 'ways.walk.speed'"));
        assertTrue(refused("ways: [{bike: {}}]").contains("ways.run: expected a list, each item text"));
    }

    @Test
    void variantsAreChecked() {
        assertTrue(refused("ways: {mine: {of: bkie}}").endsWith("ways.mine.of: unknown way 'bkie'; did you mean 'bike'?"));
        assertTrue(refused("ways: {a: {of: b}, b: {of: a}}").contains("ways.a.of: unknown way 'b'"), "no way round");
        assertTrue(refused("ways: {a: {of: a}}").contains("ways.a.of: unknown way 'a'"));
        for (String taken : List.of("bike", "slow-bike", "bike-back", "run")) {
            String message = refused("ways: {" + taken + ": {of: walk}}");
            assertTrue(taken.equals("run") ? message.contains("ways.run: expected a list") : message.contains("there is a way of this name"),
                    message);
        }
        for (String name : List.of("Mine", "'../up'", "'my way'", "-m", "a.b")) {
            assertTrue(refused("ways: {" + name + ": {of: walk}}").contains("expected a name of small letters"), name);
        }
        for (String yaml : List.of("mine-back: {of: walk}, mine: {of: bike}", "mine: {of: bike}, mine-back: {of: walk}")) {
            assertTrue(refused("ways: {" + yaml + "}").contains("another one"), yaml);
        }
        assertTrue(refused("ways: {mine: {of: [bike]}}").contains("unknown way a list"));
    }

    @Test
    void faultsOfWhatIsNotChosenShow() {
        assertTrue(refused("ways: {run: [walk], bike: {speed: -3}}").startsWith("x.yaml:1: ways.bike.speed: expected a number of at least 0"));
        assertEquals("x.yaml: ways.bike: color: plaid is none", refused("ways: {run: [walk], bike: {color: plaid}}"));
        assertEquals("x.yaml: ways.mine: color: plaid is none", refused("ways: {run: [walk], mine: {of: bike, color: plaid}}"));
    }

    /** Whatever is chosen in whatever order, the configuration as it is written gives the same again. */
    @Test
    void writtenYamlGivesTheSame() {
        String entries = "bike: {speed: 9}, slow-bike: {color: blue}, mine: {of: yours, speed: 5}, yours: {of: slow-bike, gears: {teeth: 7}}";
        List<String> names = new ArrayList<>(List.of("bike", "bike-back", "walk", "slow-bike", "mine", "mine-back", "yours"));
        Random random = new Random(6);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(names, random);
            List<String> run = names.subList(0, 1 + random.nextInt(names.size()));
            Configuration<Trip> first = builder("ways: {run: [" + String.join(", ", run) + "], " + entries + "}").build();
            Configuration<Trip> again = builder(first.toYaml()).build();
            assertEquals(first.settings().to(), again.settings().to());
            assertEquals(first.settings().ways().names(), again.settings().ways().names(), first.toYaml());
            assertEquals(settings(first.settings().ways()), settings(again.settings().ways()), first.toYaml());
            assertEquals(first.toYaml(), again.toYaml());
        }
    }

    @Test
    void listingShowsSectionsByName() {
        SettingsSchema schema = new SettingsSchema(Trip.class, WAYS);
        String all = SettingsListing.keys(schema, _ -> true, 100);
        assertTrue(all.contains("ways.bike: how to go by bike") && all.contains("ways.slow-bike.gears: gears"), all);
        assertTrue(all.contains("ways.slow-bike: a bike that takes its time; bike with speed=1, gears.teeth=20"), all);
        String some = SettingsListing.keys(schema, section -> schema.concerns(section, List.of("walk")), 100);
        assertFalse(some.contains("bike:"), some);
        assertTrue(some.contains("ways.walk: ") && some.contains("  to ") && some.contains("  run "), some);
    }
}
