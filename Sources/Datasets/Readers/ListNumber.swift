/// A label that is a whole number: digits, perhaps behind a minus sign, perhaps with a fraction of zero, which a table
/// with gaps gives every number (`3.0`).
struct ListNumber: Hashable {
    /// The number.
    let value: Int
    /// As it is written, without a fraction: zeros in front are part of a name.
    let text: String

    /// Nil for any other label.
    init?(_ label: String) {
        let (whole, fraction) =
            label.firstIndex(of: ".").map { (label[..<$0], label[$0...].dropFirst()) } ?? (label[...], "0")
        let digits = whole.hasPrefix("-") ? whole.dropFirst() : whole
        guard !digits.isEmpty, !fraction.isEmpty, fraction.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }),
            digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(whole)
        else { return nil }
        self.value = value
        text = String(whole)
    }
}
