/// What a page shows of a task's outputs on the images that were scored: their labels beside what the network says.
public struct Examples: Sendable, Codable, Equatable {
    /// The kinds of outputs that pages know how to show.
    public enum Content: Sendable, Codable, Equatable {
        /// For each image its class, the most likely class, and the probability given to that, 0...1; `names` has the classes.
        case classes(names: [String], actual: [Int], predicted: [Int], confidence: [Double])
        /// For each image a true and a predicted number, such as `age` in `years`.
        case numbers(quantity: String, unit: String, actual: [Double], predicted: [Double])
        /// Some queries, each with the images that it ranks first.
        case galleries([Query])
        /// The numbers of pixels of each class (rows) that were predicted as each class (columns), and some images with
        /// their maps; `colours` are those of the classes, `#rrggbb`.
        case pixels(names: [String], colours: [String], confusion: [[Int]], shown: [PixelExample])
        /// What a detector's findings are worth, and some images with their objects and what was found.
        case objects(ObjectFigures, shown: [ObjectExample])
    }

    /// The place of each image in the part of the data that was scored; images that could not be read are missing.
    public var images: [Int]
    /// One value an image in each list; galleries name their images themselves.
    public var content: Content

    /// Examples of some images.
    ///
    /// - Parameters:
    ///   - images: the place of each image in the part of the data that was scored.
    ///   - content: one value an image in each list.
    public init(images: [Int], _ content: Content) { (self.images, self.content) = (images, content) }

    /// Whether there is one value an image in each list, as there may not be in a file that somebody edited.
    public var isWhole: Bool {
        switch content {
        case .classes(let names, let actual, let predicted, let confidence):
            actual.count == images.count && predicted.count == images.count && confidence.count == images.count
                && (actual + predicted).allSatisfy(names.indices.contains)
        case .numbers(_, _, let actual, let predicted):
            actual.count == images.count && predicted.count == images.count
        case .galleries: true
        case .pixels(let names, let colours, let confusion, let shown):
            colours.count == names.count && confusion.count == names.count
                && confusion.allSatisfy { $0.count == names.count && $0.allSatisfy { (0...1 << 50).contains($0) } }
                && shown.allSatisfy { $0.actual.map != nil && $0.predicted.map != nil }
        case .objects(let figures, let shown):
            figures.isWhole
                && shown.allSatisfy { ($0.actual + $0.found).allSatisfy { figures.names.indices.contains($0.label) } }
        }
    }

    /// The numbers of images of each class (rows) that were predicted as each class (columns), or of pixels; nil for other
    /// contents.
    public var confusion: [[Int]]? {
        if case .pixels(_, _, let confusion, _) = content { return confusion }
        guard case .classes(let names, let actual, let predicted, _) = content else { return nil }
        var counts = [[Int]](repeating: [Int](repeating: 0, count: names.count), count: names.count)
        for (label, guess) in zip(actual, predicted)
        where names.indices.contains(label) && names.indices.contains(guess) {
            counts[label][guess] += 1
        }
        return counts
    }

    /// A query of re-identification and the images that were found for it.
    public struct Query: Sendable, Codable, Equatable {
        /// The place of the query's image.
        public var image: Int
        /// The person on the query's image.
        public var identity: Int
        /// The camera that took the query's image.
        public var camera: Int
        /// The images of the gallery, the nearest first.
        public var found: [Found]

        /// A query and what was found for it.
        public init(image: Int, identity: Int, camera: Int, found: [Found]) {
            (self.image, self.identity, self.camera, self.found) = (image, identity, camera, found)
        }

        /// An image of the gallery that a query ranks high.
        public struct Found: Sendable, Codable, Equatable {
            /// The place of the image.
            public var image: Int
            /// The camera that took it.
            public var camera: Int
            /// Whether it shows the person of the query.
            public var isMatch: Bool

            /// An image of the gallery.
            public init(image: Int, camera: Int, isMatch: Bool) {
                (self.image, self.camera, self.isMatch) = (image, camera, isMatch)
            }
        }
    }
}

// MARK: - Files of version 0.8

extension Examples {
    private enum CodingKeys: String, CodingKey { case images, content }

    /// The examples of version 0.8, which named no images: every image of the part was there.
    private enum Version08: Decodable {
        case classes(names: [String], actual: [Int], predicted: [Int], confidence: [Double])
        case ages(actual: [Int], predicted: [Double])
        case galleries([Query])
    }

    /// Reads examples, also those that version 0.8 wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if fields.contains(.content) {
            self.init(
                images: try fields.decode([Int].self, forKey: .images),
                try fields.decode(Content.self, forKey: .content))
            return
        }
        switch try Version08(from: decoder) {
        case .classes(let names, let actual, let predicted, let confidence):
            self.init(
                images: Array(actual.indices),
                .classes(names: names, actual: actual, predicted: predicted, confidence: confidence))
        case .ages(let actual, let predicted):
            self.init(
                images: Array(actual.indices),
                .numbers(quantity: "age", unit: "years", actual: actual.map(Double.init), predicted: predicted))
        case .galleries(let queries): self.init(images: [], .galleries(queries))
        }
    }
}
