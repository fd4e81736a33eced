/// Arguments of `supernet train` for networks that learn small images in moments.
enum SmallSettings {
    /// Segmentation of a folder that `DiscMaps` wrote.
    static func segmentation(_ data: String, epochs: Int) -> [String] {
        arguments([
            "task.name=segmentation", "task.output-stride=4", "task.head-width=8", "data.source=\(data)",
            "data.validation-fraction=0.25", "data.augmentation=[{pad: 16}, {random-crop: 16}]",
            "data.evaluation=[{pad: 16}, {center-crop: 16}]", "network.planes=[8]", "network.depths=[1]",
            "network.code=[1]", "train.epochs=\(epochs)", "train.batch-size=4", "train.mix-probability=0",
            "train.head-rate=10", "train.decay=poly", "train.average-decay=0", "precision=float32",
        ])
    }

    /// Instance segmentation of a folder that `SquareObjects` wrote.
    static func objects(_ data: String, epochs: Int) -> [String] {
        arguments([
            "task.name=instance-segmentation", "task.width=8", "task.box-convolutions=0", "task.hidden-width=16",
            "task.mask-convolutions=1", "task.proposals=30", "task.samples=16", "task.anchor-scale=4",
            "data.source=\(data)", "data.channels=rgb", "data.validation-fraction=0.25",
            "data.evaluation=[{resize-within: {shorter: 32, longest: 64}}, {normalize: {mean: [0.5], std: [0.25]}}]",
            "network.stem=deep", "network.planes=[4, 4, 4, 4]", "network.depths=[1, 1, 1, 1]",
            "network.code=[0, 0, 0, 0]", "train.epochs=\(epochs)", "train.batch-size=4", "train.learning-rate=0.05",
            "train.label-smoothing=0", "train.average-decay=0", "precision=float32",
        ])
    }

    /// Settings of the images of a folder `bars` that `BarImages` wrote.
    static let bars = [
        "data.source=bars", "data.channels=grey", "data.validation-fraction=0.2", "data.threads=1",
        "data.augmentation=[{center-crop: 12}, {normalize: {mean: [0.3], std: [0.3]}}]",
        "data.evaluation=[{center-crop: 12}, {normalize: {mean: [0.3], std: [0.3]}}]", "precision=float32",
    ]

    private static func arguments(_ settings: [String]) -> [String] { settings.flatMap { ["--set", $0] } }
}
