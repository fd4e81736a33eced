import Datasets
import Networks
import Training

/// The classes of images.
struct ClassPrediction {
    private let file: NetworkFile

    /// - Parameter file: the network, on the device that is to compute.
    init(_ file: NetworkFile) { self.file = file }

    /// - Throws: what the predictor throws.
    func callAsFunction(_ images: ImageFiles, _ options: PredictionOptions) throws -> PredictionTable {
        var all: [Predictor.Prediction] = []
        try options.seeing(images, "predict", file.card) { seen in
            let predictor = Predictor(file, precision: options.precision)
            try predictor(images, top: options.top, skipBadImages: options.skipBadImages) {
                all += $0
                seen(all.count)
            }
        }
        return PredictionTable(all, top: min(options.top, file.card.classNames.count))
    }
}
