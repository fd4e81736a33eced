// swift-tools-version: 6.1
import PackageDescription

// What an example may need of the library.
let examples: [Target.Dependency] = [
    "Architectures", "Datasets", "Experiments", "Methods", "NN", "Networks", "Results", "Support", "Tasks", "Torch",
    "Training", "Workflows",
]

// Floors, lowest first; docs/floors.txt says what each may know, and Scripts/check-floors holds both against the code.
let package = Package(
    name: "supernet",
    products: [
        .executable(name: "supernet", targets: ["supernet"]),
        .executable(name: "SupernetBenchmarks", targets: ["SupernetBenchmarks"]),
        .library(
            name: "Supernet",
            targets: [
                "Support", "Metrics", "Architectures", "Rankings", "ONNX", "SearchStrategies", "Archives",
                "TensorFiles", "Torch", "NN", "Networks", "Proxies", "Detectors", "Supernets", "Quantization",
                "Interchange",
                "Datasets",
                "Drawings", "Catalogue", "Experiments", "Training", "Methods", "Tasks", "Workflows", "Results",
                "Reports",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    ],
    targets: [
        // Without libtorch.
        .target(name: "Support"),
        .target(name: "CZip", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "TensorFiles", dependencies: ["CZip", "Support"]),
        .target(
            name: "CImageIO",
            linkerSettings: ["jpeg", "png", "webp", "webpdemux", "z"].map { .linkedLibrary($0) }),
        .target(name: "CPixels"),
        .target(name: "Architectures", dependencies: ["Support"]),
        .target(name: "Rankings", dependencies: ["Metrics", "Architectures", "Support"]),
        .target(name: "Metrics"),
        .target(name: "ONNX", dependencies: ["Architectures", "Support"]),
        .target(
            name: "Archives",
            dependencies: [
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(name: "SearchStrategies", dependencies: ["Architectures", "Support"]),
        .target(name: "Datasets", dependencies: ["CImageIO", "CPixels", "Support"]),
        .target(name: "Drawings", dependencies: ["Datasets", "Support"]),
        .target(name: "Catalogue", dependencies: ["Datasets", "Drawings", "Support"]),
        .target(name: "Experiments", dependencies: ["Support", "Yams"]),
        .target(
            name: "Reports",
            dependencies: [
                "Architectures", "Archives", "Rankings", "Results", "Metrics", "Datasets", "Experiments", "Support",
            ]),
        .target(name: "Results", dependencies: ["Architectures", "Datasets", "Metrics", "Rankings", "Support"]),
        // With it.
        .target(name: "CTorch"),
        .target(name: "Torch", dependencies: ["CTorch", "TensorFiles"]),
        .target(name: "NN", dependencies: ["Torch"]),
        .target(name: "Distributed", dependencies: ["Support", "NN", "Torch"]),
        .target(name: "Detectors", dependencies: ["Architectures", "NN", "Torch", "Datasets", "Support"]),
        .target(name: "Networks", dependencies: ["Architectures", "Support", "Detectors", "NN", "Torch"]),
        .target(name: "Proxies", dependencies: ["Architectures", "Networks", "NN", "Torch", "Support"]),
        .target(
            name: "Supernets", dependencies: ["Architectures", "ONNX", "Support", "Networks", "NN", "Torch"]),
        .target(name: "Quantization", dependencies: ["Architectures", "ONNX", "Support", "Torch"]),
        .target(
            name: "Interchange",
            dependencies: ["Architectures", "Support", "Supernets", "Networks", "NN", "Torch", "TensorFiles"]),
        .target(
            name: "Training",
            dependencies: [
                "Architectures", "Support", "Networks", "NN", "Torch", "TensorFiles", "Datasets", "Catalogue",
                "Experiments", "Distributed",
            ]),
        .target(
            name: "Methods",
            dependencies: [
                "Distributed", "Tasks", "Results", "Training", "Architectures", "Networks", "NN", "Torch", "Datasets",
                "Experiments",
                "Support",
            ]),
        .target(
            name: "Tasks",
            dependencies: [
                "Distributed", "Results", "Metrics", "Training", "Architectures", "Detectors", "Networks", "NN",
                "Torch", "Datasets",
                "Experiments", "Support",
            ]),
        .target(
            name: "Workflows",
            dependencies: [
                "Distributed", "Results", "Metrics", "Tasks", "Methods", "Interchange", "Supernets", "SearchStrategies",
                "Archives", "Rankings", "Proxies",
                "Architectures", "Networks", "Training", "NN", "Torch", "Datasets", "Experiments", "Support",
            ]),
        .target(
            name: "SupernetCommands",
            dependencies: [
                "Distributed", "Results", "Metrics", "Workflows", "Tasks", "Methods", "ONNX", "Quantization",
                "Interchange",
                "Supernets",
                "SearchStrategies", "Archives",
                "Rankings", "Proxies", "Architectures", "Detectors", "Reports", "Training", "Networks", "NN", "Torch",
                "Datasets",
                "Drawings", "Catalogue", "Experiments", "Support",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),
        .executableTarget(name: "supernet", dependencies: ["SupernetCommands"]),
        .executableTarget(
            name: "SupernetBenchmarks",
            dependencies: [
                "Metrics", "Architectures", "ONNX", "Rankings", "SearchStrategies", "Methods", "Tasks", "Supernets",
                "Detectors", "Networks", "NN", "Torch", "Datasets", "Support", "CPixels",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/SupernetBenchmarks"),
        // Examples, which are packages of their own as well; tests run them.
        .executableTarget(name: "OwnSpace", dependencies: examples, path: "Examples/OwnSpace/Sources/OwnSpace"),
        .executableTarget(name: "OwnTask", dependencies: examples, path: "Examples/OwnTask/Sources/OwnTask"),
        .executableTarget(name: "OwnMethod", dependencies: examples, path: "Examples/OwnMethod/Sources/OwnMethod"),
        .executableTarget(name: "ReadmeCode", dependencies: examples, path: "Examples/Readme"),
        .target(name: "TestFolders", path: "Tests/TestFolders"),
        .target(name: "TestSpaces", dependencies: ["Architectures", "Support"], path: "Tests/TestSpaces"),
        .target(
            name: "TestSupernets", dependencies: ["Supernets", "Networks", "NN", "Torch", "Architectures", "Support"],
            path: "Tests/TestSupernets"),
        .testTarget(name: "SupportTests", dependencies: ["TestFolders", "Support"]),
        .testTarget(
            name: "ArchitecturesTests", dependencies: ["TestSpaces", "Support", "Architectures"]),
        .testTarget(
            name: "SearchStrategiesTests", dependencies: ["SearchStrategies", "Architectures", "Support"]),
        .testTarget(
            name: "RankingsTests", dependencies: ["TestFolders", "Rankings", "Architectures", "Support"]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Support"]),
        .testTarget(name: "ArchivesTests", dependencies: ["TestFolders", "Archives"]),
        .testTarget(
            name: "QuantizationTests",
            dependencies: ["Quantization", "ONNX", "Architectures", "Networks", "NN", "Torch", "Support"]),
        .testTarget(name: "ONNXTests", dependencies: ["ONNX", "Support", "Architectures"]),
        .testTarget(name: "TensorFilesTests", dependencies: ["TestFolders", "TensorFiles", "Support"]),
        .testTarget(
            name: "DatasetsTests",
            dependencies: [
                "TestFolders", "TestImages", "Support", "Metrics", "Datasets", "CImageIO", "CPixels", "Yams",
            ]),
        .testTarget(
            name: "DrawingsTests", dependencies: ["TestFolders", "TestImages", "Drawings", "Datasets", "Support"]),
        .testTarget(
            name: "CatalogueTests",
            dependencies: ["TestFolders", "TestImages", "Catalogue", "Drawings", "Datasets", "Support"]),
        .testTarget(name: "ExperimentsTests", dependencies: ["TestFolders", "Experiments", "Support", "Yams"]),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "TestFolders", "Reports", "Architectures", "Archives", "Rankings", "Results", "Metrics", "Datasets",
                "Experiments", "Support",
            ]),
        .testTarget(
            name: "ResultsTests", dependencies: ["TestFolders", "Results", "Architectures", "Datasets", "Support"]),
        .testTarget(
            name: "ExamplesTests",
            dependencies: ["TestFolders", "Datasets"]),
        .testTarget(name: "TorchTests", dependencies: ["Torch", "CTorch", "TensorFiles"]),
        .target(name: "GoldenCases", dependencies: ["NN", "Torch"], path: "Tests/GoldenCases"),
        .testTarget(name: "NNTests", dependencies: ["NN", "Torch", "TensorFiles", "GoldenCases"]),
        .testTarget(
            name: "NetworksTests",
            dependencies: ["TestSpaces", "Support", "Architectures", "Networks", "NN", "Torch", "GoldenCases"]),
        .testTarget(
            name: "ProxiesTests",
            dependencies: ["Proxies", "Support", "Architectures", "Networks", "NN", "Torch", "GoldenCases"]),
        .testTarget(
            name: "DetectorsTests",
            dependencies: ["Detectors", "Support", "Datasets", "Architectures", "Networks", "NN", "Torch"]),
        .target(name: "TestImages", dependencies: ["Datasets", "Experiments", "Support"], path: "Tests/TestImages"),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "TestImages", "Training", "Support", "NN", "Torch", "Datasets", "Experiments",
            ]),
        .testTarget(
            name: "SupernetsTests",
            dependencies: ["TestSpaces", "Supernets", "Support", "Architectures", "Networks", "NN", "Torch"]),
        .testTarget(
            name: "InterchangeTests",
            dependencies: [
                "GoldenCases", "Interchange", "Architectures", "Supernets", "Networks", "NN", "Torch", "TensorFiles",
                "Support",
            ]),
        .testTarget(
            name: "MethodsTests",
            dependencies: [
                "Methods", "Tasks", "Results", "Training", "Architectures", "Networks", "NN", "Torch", "Datasets",
                "Experiments", "Support",
            ]),
        .testTarget(
            name: "TasksTests",
            dependencies: [
                "TestFolders", "TestImages", "GoldenCases", "Tasks", "Results", "Metrics", "Training", "Architectures",
                "Detectors", "Networks", "Datasets", "Drawings", "Experiments", "Support", "NN", "Torch",
            ]),
        .testTarget(
            name: "DistributedTests", dependencies: ["TestFolders", "TestImages", "Distributed", "NN", "Torch"]),
        .testTarget(
            name: "WorkflowsTests",
            dependencies: [
                "TestFolders", "TestImages", "TestSupernets", "Workflows", "Results", "Metrics", "Tasks", "Methods",
                "SearchStrategies",
                "Archives", "Rankings", "Architectures", "Networks", "Supernets", "Training", "NN", "Torch", "Datasets",
                "Drawings", "Experiments", "Support",
            ]),
        .testTarget(
            name: "SupernetCommandsTests",
            dependencies: [
                "TestFolders", "TestImages", "TestSupernets", "SupernetCommands", "Distributed", "Workflows", "Results",
                "Reports",
                "Archives", "Metrics", "Tasks",
                "Methods", "Interchange", "Supernets", "Rankings", "Training", "Support", "Architectures", "Networks",
                "NN", "Torch", "Datasets", "Drawings", "Catalogue", "Experiments",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
