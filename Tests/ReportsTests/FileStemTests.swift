import Testing

@testable import Reports

struct FileStemTests {
    @Test func namesAreLowerCaseWithHyphensAndNoTwoAreTheSame() {
        let names = ["Cells <tiny> & co", "cells tiny co", "Größe 2", "<>", "", "cells-tiny-co-2"]
        let stems = FileStem.distinct(names, otherwise: "space")
        #expect(
            stems == ["cells-tiny-co", "cells-tiny-co-2", "gr-e-2", "space", "space-2", "cells-tiny-co-2-2"])
        #expect(FileStem.distinct([], otherwise: "x") == [])
    }
}
