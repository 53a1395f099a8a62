import Platform
import Ports
import TradingModel

/// The settings, held against one file's header: which field of a row is what.
struct CSVPlan {
    let settings: CSVFeedSettings
    let fieldCount: Int
    let names: [String]
    private let indices: [CSVFeedSettings.Field: Int]
    let filters: [(index: Int, value: [UInt8])]
    let sides: [(word: [UInt8], aggressor: Aggressor)]
    let priceDecimals: Int
    let quantityDecimals: Int

    /// - Parameter header: The scanner, on its first row.
    init(_ settings: CSVFeedSettings, header: CSVScanner) throws(FeedError) {
        self.settings = settings
        fieldCount = header.fieldCount
        names = (0..<header.fieldCount).map { index in
            var name = Substring(header.text(index))
            if index == 0, name.unicodeScalars.first == "\u{FEFF}" {
                name.unicodeScalars.removeFirst()
            }
            while name.first?.isWhitespace == true { name.removeFirst() }
            while name.last?.isWhitespace == true { name.removeLast() }
            return String(name)
        }
        let place = "\(settings.path):\(header.line)"
        var indices: [CSVFeedSettings.Field: Int] = [:]
        for field in CSVFeedSettings.Field.all(of: settings.content) {
            guard let name = settings.columns[field] else { continue }
            indices[field] = try Self.index(of: name, in: names, at: place)
        }
        self.indices = indices
        var filters: [(index: Int, value: [UInt8])] = []
        for filter in settings.filters {
            let index = try Self.index(of: filter.column, in: names, at: place)
            filters.append((index, Array(filter.value.utf8)))
        }
        self.filters = filters
        sides = settings.sides.sorted { $0.key < $1.key }.map { (Array($0.key.utf8), $0.value) }
        priceDecimals = 8 - settings.priceExponent
        quantityDecimals = 8 - settings.quantityExponent
        try check()
    }

    /// The field's place in a row, or -1.
    func index(_ field: CSVFeedSettings.Field) -> Int { indices[field] ?? -1 }

    private func check() throws(FeedError) {
        func refused(_ what: String, _ advice: String) -> FeedError {
            FeedError(what, at: settings.path, advice: advice)
        }
        for field in CSVFeedSettings.Field.required(of: settings.content)
        where indices[field] == nil {
            throw refused(
                "no column is named for '\(field.rawValue)'",
                "columns: { \(field.rawValue): … }, one of \(names.joined(separator: ", "))")
        }
        guard (indices[.time] == nil) != (settings.constantTime == nil) else {
            throw refused(
                "the time comes from a column or from the settings, exactly one of them",
                "columns: { time: … }, one of \(names.joined(separator: ", "))")
        }
        guard (indices[.symbol] == nil) != (settings.symbol == nil) else {
            throw refused(
                "the symbol comes from a column or from the settings, exactly one of them",
                "columns: { symbol: … }, or symbol: …")
        }
        guard (0...8).contains(settings.priceExponent), (0...8).contains(settings.quantityExponent)
        else {
            throw refused("a scale is a power of ten from 1 to 100000000", "give 1, 10, 100, …")
        }
    }

    private static func index(
        of name: String, in names: [String], at place: String
    ) throws(FeedError) -> Int {
        let found = names.indices.filter { names[$0] == name }
        guard let index = found.first else {
            let hint = nearest(to: name, in: names).map { "   did you mean '\($0)'?" } ?? ""
            // Bytes that are no UTF-8 have become this.
            guard !names.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }) else {
                throw FeedError(
                    "the header is not UTF-8, and no column reads '\(name)'", at: place,
                    advice: "convert the file, for Korean ones often: iconv -f CP949 -t UTF-8")
            }
            throw FeedError(
                "there is no column '\(name)'", at: place,
                advice: "columns: \(names.joined(separator: ", "))\(hint)")
        }
        guard found.count == 1 else {
            throw FeedError(
                "two columns are called '\(name)'", at: place, advice: "rename one in the header")
        }
        return index
    }
}
