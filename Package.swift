// swift-tools-version: 6.1
import PackageDescription

// Floors, lowest first; docs/floors.txt says what each may know, and Scripts/check-floors holds both against the code.
let package = Package(
    name: "supernet",
    products: [
        .executable(name: "supernet", targets: ["supernet"]),
        .library(
            name: "Supernet",
            targets: [
                "Seeding", "TensorFiles", "Torch", "NN", "Networks", "Datasets", "Experiments", "Batches", "Training",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // Without libtorch.
        .target(name: "Seeding"),
        .target(name: "TensorFiles"),
        .target(
            name: "CImageIO", linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z")]),
        .target(name: "CPixels"),
        .target(name: "Datasets", dependencies: ["CImageIO", "CPixels", "Seeding"]),
        .target(name: "Experiments", dependencies: ["Yams"]),
        // With it.
        .target(name: "CTorch"),
        .target(name: "Torch", dependencies: ["CTorch", "TensorFiles"]),
        .target(name: "NN", dependencies: ["Torch"]),
        .target(name: "Networks", dependencies: ["NN"]),
        .target(name: "Batches", dependencies: ["Torch", "Datasets"]),
        .target(name: "Training", dependencies: ["NN", "Batches", "Datasets", "Experiments", "Seeding"]),
        .executableTarget(name: "supernet", dependencies: ["Training", "Networks"]),
        .testTarget(name: "TensorFilesTests", dependencies: ["TensorFiles"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
        .testTarget(name: "TorchTests", dependencies: ["Torch"]),
    ]
)
