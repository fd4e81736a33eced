import ArgumentParser
import Datasets
import Experiments
import Foundation
import Tasks
import Torch
import Workflows

/// The options of `supernet train --dry-run`, which estimates time and memory of a training.
struct DryRunOptions: ParsableArguments {
    @Flag(
        name: .long, help: "Measure a few steps and estimate time and memory of the whole training. Nothing is written."
    )
    var dryRun = false
    @Option(name: .long, help: "Dry run: the number of images to assume where the data is not on this machine.")
    var images = 1_281_167
    @Option(name: .long, help: "Dry run: the number of classes to assume where the data is not on this machine.")
    var classes = 1000
    @Option(name: .long, help: "Dry run: the peak teraflops of a GPU, such as 312 for an A100 in bfloat16.")
    var gpuTflops: Double?
    @Option(name: .long, help: "Dry run: the share of the peak that training reaches, 0 to 1.") var gpuUtilisation = 0.3
    @Option(name: .long, help: "Dry run: the memory of the GPU in gigabytes.") var gpuMemory: Double?
    @Option(
        name: .long,
        help: "Dry run: numbers of devices, such as 2,8,64,256, for each of which the time of a step is reckoned.")
    var devices: String?
    @Option(
        name: .long,
        help: """
            Dry run: the gigabits a second of the links between devices. Default: what two processes of this machine reach, \
            measured.
            """)
    var linkGigabits: Double?
    @Option(name: .long, help: "Dry run: the microseconds of a message between devices, with --link-gigabits.")
    var linkMicroseconds = 20.0

    func validate() throws {
        guard gpuUtilisation > 0, gpuUtilisation <= 1 else {
            throw ValidationError("--gpu-utilisation must be above 0 and at most 1, is \(gpuUtilisation)")
        }
        _ = try deviceCounts()
        guard linkMicroseconds >= 0, linkMicroseconds <= 1e9 else {
            throw ValidationError("--link-microseconds must be from 0 to 1e9, is \(linkMicroseconds)")
        }
        for (name, value) in [
            ("--gpu-tflops", gpuTflops), ("--gpu-memory", gpuMemory), ("--link-gigabits", linkGigabits),
        ] {
            // So put, what is no number is refused, too.
            guard let value, !(value > 0 && value <= 1e12) else { continue }
            throw ValidationError("\(name) must be above 0 and at most 1e12, is \(value)")
        }
        guard (16...1_000_000_000).contains(images), classes >= 1, classes <= images / 2 else {
            throw ValidationError(
                "--images and --classes must leave at least two images a class, and 16 to 1000000000 in all")
        }
    }

    private func deviceCounts() throws -> [Int] {
        guard let devices else { return [] }
        return try devices.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let count = Int(word.trimmingPrefix(" ")), (1...1_000_000).contains(count) else {
                throw ValidationError("--devices must be numbers from 1 to 1000000, such as 2,8,64, is \(devices)")
            }
            return count
        }
    }

    func run(_ options: RunOptions) throws {
        // Measured on the processor, whatever the run will use.
        let resolved = try ConfigurationLoader.load(
            StudyConfiguration.self, file: options.config, overrides: options.allSettings)
        var settings = resolved.value
        settings.device = "cpu"
        if let threads = options.threads { try Runtime.setThreadCount(threads) }
        let source = settings.data.source
        let isHere = DataSource.isNamed(source) || FileManager.default.fileExists(atPath: source)
        let data: OpenedDataset
        if isHere {
            data = try DataSource.open(source)
        } else {
            (settings.data.list, settings.data.fraction) = ("", 1)
            data = OpenedDataset(train: NoiseImages(count: images, classes: classes))
            Console.say(
                "\(source) is not here: reckoning with \(Console.grouped(images)) images of noise, 500 x 375, "
                    + "which need no decoding")
        }
        let study = try Study(settings, path: "", open: .given(data))
        let training = SupernetTraining(study)
        Console.say("measuring steps of \(settings.method.name) at small batches ...")
        let estimate = try training.estimate()
        Console.result(
            Console.table(
                try rows(estimate, on: "paths of average cost", batchSize: "supernet.batch-size", isHere: isHere)))
    }

    /// Estimates the training of a single network.
    func runNetwork(_ options: RunOptions) throws {
        var settings = try NetworkRun.resolved(options, options.folder(default: "network")).value
        settings.device = "cpu"
        if let threads = options.threads { try Runtime.setThreadCount(threads) }
        let source = settings.data.source
        let isHere = DataSource.isNamed(source) || FileManager.default.fileExists(atPath: source)
        let task: any RecognitionTask
        if isHere {
            task = try settings.task.task(settings.data, open: TaskSource.open)
        } else {
            (settings.data.list, settings.data.fraction) = ("", 1)
            let kind: AnnotationKind =
                switch settings.task.type.outputs {
                case .pixels: .map
                case .objects: .boxes
                case .classes, .readings, .embeddings: .number
                }
            func noise(_ count: Int) -> NoiseImages {
                NoiseImages(count: count, classes: classes, annotationKind: kind)
            }
            let noise = OpenedDataset(
                train: noise(images),
                // Looked at, so that what there is to learn from stays of this number.
                validation: noise(4),
                test: noise(4))
            task = try settings.task.task(settings.data, open: .given(noise))
            Console.say(
                "\(source) is not here: reckoning with \(Console.grouped(images)) images of noise, 500 x 375, "
                    + "which need no decoding, and \(Console.grouped(classes)) classes")
        }
        let setup = try settings.setup(task: task)
        Console.say("measuring steps at small batches ...")
        Console.result(
            Console.table(try rows(setup.estimate(), on: "the network", batchSize: "train.batch-size", isHere: isHere)))
    }

    private func rows(
        _ estimate: TrainingEstimate, on subject: String, batchSize: String, isHere: Bool
    ) throws -> [(String, String)] {
        func gigabytes(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }
        let threads = try Runtime.threadCount()
        let total = Double(estimate.steps) * estimate.secondsPerStep
        var rows = estimate.measurements.map { measured in
            (
                "measured",
                "\(measured.images) images: \(String(format: "%.2f", measured.seconds)) s a step, "
                    + "\(gigabytes(Double(measured.bytes))), "
                    + String(format: "%.0f ms to load with one thread", 1000 * measured.loading)
            )
        }
        rows += [
            (
                "steps",
                "\(Console.grouped(estimate.steps)) of \(estimate.batchSize) images, "
                    + String(format: "%.1f", estimate.operations / 1e12) + " teraflop each on \(subject)"
            ),
            (
                "memory",
                "\(gigabytes(estimate.bytes)), of which \(gigabytes(estimate.fixedBytes)) whatever the batch "
                    + "(the line through the measured batches)"
            ),
            (
                "time here",
                "\(Quantity.duration(total)) on the processor with \(threads) threads: "
                    + String(format: "%.1f", estimate.secondsPerStep) + " s a step (the same line)"
            ),
        ]
        if let gpuTflops {
            let seconds = estimate.seconds(rate: gpuTflops * 1e12, utilisation: gpuUtilisation)
            let perStep = seconds / Double(max(estimate.steps, 1))
            rows.append(
                (
                    "time on the GPU",
                    "\(Quantity.duration(seconds)), if training reaches \(Int((100 * gpuUtilisation).rounded())) % of "
                        + "\(gpuTflops.formatted()) teraflops (an assumption; --gpu-utilisation)"
                ))
            rows.append(
                (
                    "loading",
                    String(
                        format: "%.1f threads like this machine's keep up with it%@",
                        estimate.loadingPerStep / perStep, isHere ? "" : ", without what decoding takes")
                ))
        }
        rows += try scaling(estimate)
        if let gpuMemory {
            let fits = estimate.bytes + 1e9 <= gpuMemory * 1e9
            rows.append(
                (
                    "fits",
                    (fits ? "yes" : "NO") + ": \(gigabytes(estimate.bytes)) and some 1 GB of libraries in "
                        + "\(gpuMemory.formatted()) GB" + (fits ? "" : "; lower \(batchSize)")
                ))
        }
        return rows
    }

    /// What a step takes on several devices, and what that assumes.
    private func scaling(_ estimate: TrainingEstimate) throws -> [(String, String)] {
        let counts = try deviceCounts()
        guard !counts.isEmpty else { return [] }
        let bytes = estimate.gradientBytes
        let model: ScalingModel
        let link: String
        if let linkGigabits {
            model = ScalingModel(
                bytes: Double(bytes), bandwidth: linkGigabits * 1e9 / 8, latency: linkMicroseconds / 1e6)
            link = "as --link-gigabits and --link-microseconds say"
        } else {
            Console.say(
                "measuring how long two processes take to add up \(Quantity.count(Double(bytes)))B of gradients ...")
            let measured = try ReductionMeter.measure(bytes: max(bytes, 4))
            model = ScalingModel(bytes: max(bytes, 4), seconds: measured.seconds, empty: measured.empty)
            link = String(
                format: "measured between two processes here: %.3f s, %.1f GB/s, %.0f us a message", measured.seconds,
                model.bandwidth / 1e9, 1e6 * model.latency)
        }
        func compute(_ images: Int) -> Double {
            guard let gpuTflops else { return estimate.seconds(images: images) }
            let share = Double(images) / Double(estimate.batchSize)
            return estimate.operations * share / (gpuTflops * 1e12 * gpuUtilisation)
        }
        let one = compute(estimate.batchSize)
        var rows = [("exchanged", "\(Quantity.count(Double(bytes)))B of gradients in each step; \(link)")]
        rows += counts.map { count in
            let images = max(estimate.batchSize / count, 1)
            let (own, exchange) = (compute(images), model.reduction(devices: count))
            let few = estimate.batchSize >= 2 * count ? "" : "; the batch has too few images for so many"
            return (
                "\(count) device\(count == 1 ? "" : "s")",
                String(
                    format: "%.3f s a step: %.3f s to compute %d images, %.3f s to add up; %.1f times one device%@",
                    own + exchange,
                    own, images, exchange, one / (own + exchange), few)
            )
        }
        rows.append(
            (
                "assumed",
                "devices like \(gpuTflops == nil ? "this machine" : "the GPU above"), links of equal speed in a ring, nothing of the "
                    + "exchange beside the computation, nobody waits for images"
            ))
        return rows
    }
}
