import Testing

@testable import Reports

struct NumberTextTests {
    @Test func coordinatesAreShort() {
        let expected: [(Double, String)] = [
            (0, "0"), (-0.001, "0"), (1, "1"), (1.5, "1.5"), (1.005, "1"), (123.456, "123.46"), (-2.10, "-2.1"),
            (100, "100"), (.nan, "0"), (.infinity, "0"), (1e300, "0"),
        ]
        for (value, text) in expected { #expect(NumberText.coordinate(value) == text) }
    }

    @Test func wholeNumbersAreGrouped() {
        let expected = [
            (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-10_000, "−10,000"),
            (Int.min, "−9,223,372,036,854,775,808"),
        ]
        for (value, text) in expected { #expect(NumberText.grouped(value) == text) }
    }

    @Test func measuredValuesHaveThreeDigits() {
        let expected: [(Double, String)] = [
            (0, "0"), (0.2314, "0.231"), (12.44, "12.4"), (-1.5, "−1.50"), (99.96, "100"), (9.996, "10.0"),
            (3120.4, "3,120"), (1.2e-5, "1.2·10⁻⁵"), (1e12, "10¹²"), (-1e-9, "−10⁻⁹"), (.nan, "–"), (.infinity, "–"),
        ]
        for (value, text) in expected { #expect(NumberText.measured(value) == text) }
    }

    @Test func percentages() {
        #expect(NumberText.percent(0.9119) == "91.2\u{202F}%")
        #expect(NumberText.percent(1, decimals: 0) == "100\u{202F}%")
        #expect(NumberText.percent(-0.5, decimals: -3) == "−50\u{202F}%")
        #expect(NumberText.percent(.nan) == "–")
    }

    @Test func ticksOfAnAxisShareUnitAndDecimals() {
        #expect(NumberText.ticks([0, 0.5, 1, 1.5]) == ["0", "0.5", "1.0", "1.5"])
        #expect(NumberText.ticks([0, 1000, 2000]) == ["0", "1,000", "2,000"])
        #expect(NumberText.ticks([0, 5000, 10_000]) == ["0", "5\u{202F}k", "10\u{202F}k"])
        #expect(NumberText.ticks([-2e6, 0, 2e6]) == ["−2\u{202F}M", "0", "2\u{202F}M"])
        #expect(NumberText.ticks([0, 0.0002, 0.0004]) == ["0", "2·10⁻⁴", "4·10⁻⁴"])
        #expect(NumberText.ticks([]).isEmpty)
    }

    @Test func ticksOfALogarithmicAxisStandForThemselves() {
        let values = [1e-4, 0.001, 0.01, 1, 20, 1000, 10_000, 5e5, 1e6, 2e9, 1e15]
        let texts = [
            "10⁻⁴", "0.001", "0.01", "1", "20", "1,000", "10\u{202F}k", "500\u{202F}k", "1\u{202F}M", "2\u{202F}G",
            "10¹⁵",
        ]
        #expect(values.map(NumberText.tick) == texts)
    }

    @Test func shortenedTextFits() {
        for text in ["", "short", "a rather long name of a class", "漢字漢字漢字漢字漢字漢字漢字"] {
            for width in stride(from: 10.0, through: 200, by: 19) {
                let kept = TextMeasure.shortened(text, to: width, size: 12)
                let fits = TextMeasure.width(kept, size: 12) <= width
                #expect(fits || kept == "…")
                #expect(kept == text || kept.hasSuffix("…"))
            }
        }
    }

    @Test func fixedDecimalsHaveNoNegativeZero() {
        #expect(NumberText.fixed(0.714) == "0.71" && NumberText.fixed(-0.126) == "−0.13")
        #expect(NumberText.fixed(-0.001) == "0.00" && NumberText.fixed(1.5, decimals: 0) == "2")
        #expect(NumberText.fixed(.nan) == "–")
    }
}
