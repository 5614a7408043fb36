package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class MainLoopTest {

    /** In the form of nvdisasm 13: a loop in a loop, a jump ahead, and a loop without multiply-adds. */
    private static final String SASS = """
            .text.kernel:
                    /*0000*/                   LDC R1, c[0x0][0x28] ;
            .L_x_1:
                    /*0010*/              @!P0 LD.E R4, desc[UR4][R2.64] ;
            .L_x_2:
                    /*0020*/                   LDS.128 R8, [R5+0x10] ;
                    /*0030*/                   LDS R9, [R5] ;
                    /*0040*/                   FFMA R0, R8, R9, R0 ;
                    /*0050*/                   FFMA R1, R8.reuse, R10, R1 ;
                    /*0060*/               @P1 BRA `(.L_x_2) ;
                    /*0070*/                   HFMA2.MMA R3, -RZ, RZ, 0, 0 ;
                    /*0080*/                   FFMA R0, R8, R9, R0 ;
                    /*0090*/                   BAR.SYNC.DEFER_BLOCKING 0x0 ;
                    /*00a0*/              @!UP2 BRA `(.L_x_1) ;
                    /*00b0*/               @P3 BRA `(.L_x_3) ;
            .L_x_4:
                    /*00c0*/                   STG.E desc[UR4][R2.64], R0 ;
                    /*00d0*/                   BRA `(.L_x_4) ;
            .L_x_3:
                    /*00e0*/                   EXIT ;
            """;

    @Test
    void theLoopWithTheMostMultiplyAddsIsCounted() {
        assertEquals(Optional.of(new MainLoop(10, 3, 1, 1, 1, 1)), MainLoop.parse(SASS));
    }

    @Test
    void tensorCoresMultiplyToo() {
        assertEquals(3, MainLoop.parse(SASS.replace("FFMA", "HMMA.16816.F32.BF16")).orElseThrow().multiplyAdds());
    }

    @Test
    void kernelsWithoutProductsHaveNone() {
        assertEquals(Optional.empty(), MainLoop.parse(SASS.replace("FFMA", "FADD")));
    }
}
