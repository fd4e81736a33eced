// swift-tools-version: 6.1
import PackageDescription

// Floors, lowest first; docs/floors.txt says what each may know, and Scripts/check-floors holds both against the code.
let package = Package(
    name: "supernet",
    products: [
        .executable(name: "supernet", targets: ["supernet"]),
        .executable(name: "SupernetBenchmarks", targets: ["SupernetBenchmarks"]),
        .library(
            name: "Supernet",
            targets: [
                "Seeding", "ImageSizes", "Architectures", "Rankings", "TaskMetrics", "ONNX", "SearchStrategies",
                "Archives",
                "TensorFiles", "Torch",
                "NN", "Networks", "Proxies", "Supernets", "Interchange", "Datasets", "Experiments", "Batches",
                "Training", "Methods", "Workflows",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // Without libtorch.
        .target(name: "Seeding"),
        .target(name: "Files"),
        .target(name: "ImageSizes"),
        .target(name: "CZip", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "TensorFiles", dependencies: ["CZip", "Files"]),
        .target(
            name: "CImageIO",
            linkerSettings: ["jpeg", "png", "webp", "webpdemux", "z"].map { .linkedLibrary($0) }),
        .target(name: "CPixels"),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "Architectures", dependencies: ["ImageSizes", "Seeding"]),
        .target(name: "Rankings", dependencies: ["Architectures", "Files", "Seeding"]),
        .target(name: "TaskMetrics"),
        .target(name: "ONNX", dependencies: ["Architectures", "Files", "ImageSizes"]),
        .target(name: "Archives", dependencies: ["CSQLite", "Files"]),
        .target(name: "SearchStrategies", dependencies: ["Architectures", "Seeding"]),
        .target(name: "Datasets", dependencies: ["CImageIO", "CPixels", "Files", "ImageSizes", "Seeding"]),
        .target(name: "Experiments", dependencies: ["Files", "Yams"]),
        .target(name: "Reports", dependencies: ["Datasets", "Experiments", "Files"]),
        // With it.
        .target(name: "CTorch"),
        .target(name: "Torch", dependencies: ["CTorch", "TensorFiles"]),
        .target(name: "NN", dependencies: ["Torch"]),
        .target(name: "Networks", dependencies: ["Architectures", "ImageSizes", "NN", "Torch"]),
        .target(name: "Proxies", dependencies: ["Architectures", "Networks", "NN", "Torch", "Seeding"]),
        .target(
            name: "Supernets", dependencies: ["Architectures", "ImageSizes", "Networks", "NN", "Torch", "Seeding"]),
        .target(
            name: "Interchange",
            dependencies: ["Architectures", "Supernets", "Networks", "NN", "Torch", "TensorFiles"]),
        .target(name: "Batches", dependencies: ["Torch", "Datasets", "Seeding"]),
        .target(
            name: "Training",
            dependencies: [
                "Architectures", "ImageSizes", "Networks", "NN", "Torch", "TensorFiles", "Batches", "Datasets",
                "Experiments", "Files", "Seeding",
            ]),
        .target(
            name: "Methods",
            dependencies: [
                "Architectures", "Networks", "Training", "NN", "Torch", "Batches", "Datasets", "Seeding",
            ]),
        .target(
            name: "Tasks",
            dependencies: [
                "Methods", "TaskMetrics", "Training", "Architectures", "Networks", "NN", "Torch", "Batches", "Datasets",
                "Experiments", "Seeding",
            ]),
        .target(
            name: "Workflows",
            dependencies: [
                "Tasks", "Methods", "Supernets", "SearchStrategies", "Archives", "Rankings", "Proxies", "Architectures",
                "Networks", "Training", "NN", "Torch", "Batches", "Datasets", "Experiments", "Files", "ImageSizes",
                "Seeding",
            ]),
        .target(
            name: "SupernetCommands",
            dependencies: [
                "Workflows", "Tasks", "Methods", "ONNX", "Interchange", "Supernets", "SearchStrategies", "Archives",
                "Rankings", "Proxies", "Architectures", "Reports", "Training", "Networks", "NN", "Torch", "Datasets",
                "Experiments", "Files", "ImageSizes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "supernet", dependencies: ["SupernetCommands"]),
        .executableTarget(
            name: "SupernetBenchmarks",
            dependencies: [
                "Architectures", "Rankings", "SearchStrategies", "Methods", "Supernets", "Networks", "NN", "Torch",
                "Datasets", "ImageSizes", "Seeding", "CPixels",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/SupernetBenchmarks"),
        .target(name: "TestFolders", path: "Tests/TestFolders"),
        .target(name: "TestSpaces", dependencies: ["Architectures", "Seeding"], path: "Tests/TestSpaces"),
        .testTarget(name: "ImageSizesTests", dependencies: ["ImageSizes"]),
        .testTarget(
            name: "ArchitecturesTests", dependencies: ["TestSpaces", "ImageSizes", "Architectures", "Seeding"]),
        .testTarget(
            name: "SearchStrategiesTests", dependencies: ["SearchStrategies", "Architectures", "Seeding"]),
        .testTarget(
            name: "RankingsTests", dependencies: ["TestFolders", "Rankings", "Architectures", "Files", "Seeding"]),
        .testTarget(name: "TaskMetricsTests", dependencies: ["TaskMetrics", "Seeding"]),
        .testTarget(name: "ArchivesTests", dependencies: ["TestFolders", "Archives", "CSQLite"]),
        .testTarget(name: "ONNXTests", dependencies: ["ONNX", "ImageSizes", "Architectures", "Files", "Seeding"]),
        .testTarget(name: "TensorFilesTests", dependencies: ["TestFolders", "TensorFiles", "Files"]),
        .testTarget(
            name: "DatasetsTests",
            dependencies: ["TestFolders", "ImageSizes", "Datasets", "CImageIO", "CPixels", "Seeding", "Yams"]),
        .testTarget(name: "ExperimentsTests", dependencies: ["TestFolders", "Experiments", "Files", "Yams"]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "Datasets", "Experiments", "Files", "Seeding"]),
        .testTarget(name: "TorchTests", dependencies: ["Torch", "CTorch", "TensorFiles"]),
        .target(name: "GoldenCases", dependencies: ["NN", "Torch"], path: "Tests/GoldenCases"),
        .testTarget(name: "NNTests", dependencies: ["NN", "Torch", "TensorFiles", "GoldenCases"]),
        .testTarget(
            name: "NetworksTests",
            dependencies: [
                "TestSpaces", "ImageSizes", "Architectures", "Seeding", "Networks", "NN", "Torch", "GoldenCases",
            ]),
        .testTarget(
            name: "ProxiesTests",
            dependencies: ["Proxies", "Architectures", "Networks", "NN", "Torch", "GoldenCases"]),
        .testTarget(name: "BatchesTests", dependencies: ["Batches", "Torch", "Datasets", "Seeding"]),
        .target(name: "TestImages", dependencies: ["Datasets", "Experiments"], path: "Tests/TestImages"),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "TestImages", "Training", "Batches", "ImageSizes", "Architectures", "Networks", "NN", "Torch",
                "Datasets",
                "Experiments",
            ]),
        .testTarget(
            name: "SupernetsTests",
            dependencies: ["Supernets", "ImageSizes", "Architectures", "Networks", "NN", "Torch", "Seeding"]),
        .testTarget(
            name: "InterchangeTests",
            dependencies: [
                "GoldenCases", "Interchange", "Architectures", "Supernets", "Networks", "NN", "Torch", "TensorFiles",
            ]),
        .testTarget(
            name: "MethodsTests",
            dependencies: [
                "Methods", "Supernets", "Training", "Architectures", "Networks", "NN", "Torch", "Batches", "Datasets",
                "Seeding",
            ]),
        .testTarget(
            name: "TasksTests",
            dependencies: [
                "TestImages", "GoldenCases", "Tasks", "TaskMetrics", "Training", "Architectures", "Networks",
                "Datasets", "NN", "Torch",
            ]),
        .testTarget(
            name: "WorkflowsTests",
            dependencies: [
                "TestFolders", "TestImages", "Workflows", "Tasks", "Methods", "Archives", "Rankings", "Architectures",
                "Networks",
                "Supernets",
                "Training",
                "NN",
                "Torch", "Datasets", "Experiments", "Files", "Seeding",
            ]),
        .testTarget(
            name: "SupernetCommandsTests",
            dependencies: [
                "TestFolders", "TestImages", "SupernetCommands", "Workflows", "Tasks", "Interchange", "Supernets",
                "Rankings", "Training", "ImageSizes", "Architectures", "Networks", "NN", "Torch", "Datasets",
                "Experiments",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
