import Platform
package import Ports
package import TradingModel

/// A recorded CSV file, plain or gzip, of ticks, quotes or candles.
///
/// Safe from any thread; each reader has one owner.
package final class CSVFeed: RecordedFeed {
    package let name: String
    private let settings: CSVFeedSettings
    private let digest: any Digest
    private let resolve: @Sendable (String) -> InstrumentID?
    private let furthest = Locked(FeedCounts())
    private let met: Locked<Set<InstrumentID>>
    private let strange: Locked<[String]>
    /// Of the file whose fingerprint was taken; a run must not be fed from another one.
    private let stamp = Locked<FileStamp?>(nil)

    /// - Parameters:
    ///   - digest: For the fingerprint.
    ///   - resolve: The instrument of a symbol, or `nil` for one that is not traded here. It is
    ///     asked once for each symbol and reader.
    package init(
        _ settings: CSVFeedSettings, digest: any Digest,
        resolve: @escaping @Sendable (String) -> InstrumentID?
    ) {
        name = settings.path
        self.settings = settings
        self.digest = digest
        let met = Locked<Set<InstrumentID>>([])
        self.met = met
        let strange = Locked<[String]>([])
        self.strange = strange
        self.resolve = { symbol in
            let instrument = resolve(symbol)
            if let instrument {
                met.withLock { _ = $0.insert(instrument) }
            } else {
                strange.withLock { strange in
                    if strange.count < CSVFeed.mostStrangers, !strange.contains(symbol) {
                        strange.append(symbol)
                    }
                }
            }
            return instrument
        }
    }

    /// The first symbols met that are not traded here, in order: as the file writes them.
    package var strangers: [String] { strange.withLock { $0 } }
    private static let mostStrangers = 8

    package var counts: FeedCounts { furthest.withLock { $0 } }
    package var instruments: Set<InstrumentID> { met.withLock { $0 } }

    package var remarks: [String] {
        let counts = counts
        var remarks: [String] = []
        if counts.stepsBack > 0, settings.stepsBack == .keep {
            let rows = counts.stepsBack == 1 ? "1 row is" : "\(counts.stepsBack) rows are"
            remarks.append(
                "\(name): \(rows) earlier than a row before, first in line \(counts.lineOfStepBack),"
                    + " and taken as they stand; sort the file, or say steps_back: drop or stop")
        }
        if counts.overlaps > 0, case .candles(let interval, _) = settings.content {
            remarks.append(
                "\(name): \(counted(counts.overlaps)) before the candle before it ends, first in line"
                    + " \(counts.lineOfOverlap); is interval: \(interval) what the file holds?")
        }
        if counts.hasLocalTimes, let likelier = settings.likelierZone {
            remarks.append(
                "\(name): its times carry no offset and were read as \(settings.zone);"
                    + " say whose they are: time: { zone: \(likelier) }, or \(settings.zone)")
        }
        return remarks
    }

    private func counted(_ rows: Int) -> String {
        rows == 1 ? "1 row begins" : "\(rows) rows begin"
    }

    package func fingerprint() throws(FeedError) -> String {
        let file = try FileSource(path: settings.path)
        stamp.withLock { $0 = file.stamp }
        let running = digest.begin()
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { block.deallocate() }
        while true {
            let count = try file.read(into: block)
            guard count > 0 else { break }
            running.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
        return hexText(running.finish())
    }

    package func open() throws(FeedError) -> any RecordedReader {
        try open(openSource(settings.path, stamp: stamp.withLock { $0 }))
    }

    /// A reader of other bytes under this feed's settings: for tests.
    func open(_ source: any ByteSource) throws(FeedError) -> CSVReader {
        let scanner = CSVScanner(
            source, path: settings.path, separator: UInt8(ascii: settings.separator))
        return try CSVReader(scanner, settings: settings, resolve: resolve) { [self] counts in
            furthest.withLock { furthest in
                if counts.rows + counts.skipped >= furthest.rows + furthest.skipped {
                    furthest = counts
                }
            }
        }
    }
}

/// Lower-case hex.
func hexText(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
