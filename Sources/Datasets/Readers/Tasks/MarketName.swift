/// What the name of an image says in the layout of Market-1501: `0002_c1s1_000451_03.jpg` is person 2 under camera 1
/// (in sequence 1, frame 451, box 3), `-1_...` junk and `0000_...` a distractor. What follows the camera only tells
/// images apart, so names of sets that write it otherwise (`0002_c1_f0046182.jpg`) are read as well.
struct MarketName: Hashable {
    let identity: Int
    let camera: Int

    /// Nil for a name that is none of these.
    init?(_ name: String) {
        let fields = name.prefix { $0 != "." }.split(separator: "_", omittingEmptySubsequences: false)
        guard fields.count >= 3, fields.dropFirst(2).allSatisfy({ !$0.isEmpty }) else { return nil }
        guard let identity = fields[0] == "-1" ? ReidentificationPart.junk : Self.number(fields[0]) else { return nil }
        guard fields[1].first == "c" else { return nil }
        let numbers = fields[1].dropFirst().split(separator: "s", omittingEmptySubsequences: false).map(Self.number)
        guard (1...2).contains(numbers.count), !numbers.contains(nil), let camera = numbers[0] else { return nil }
        self.identity = identity
        self.camera = camera
    }

    /// A number of decimal digits alone that an integer holds.
    private static func number(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
