import Feeds
import Kernel
import Platform
import Strategies
import TradingModel

extension ConfigurationLoader {
    /// A scanner's list, and how a score becomes a result.
    func scanner(_ section: Section, _ symbols: [InstrumentID]) -> ScannerSetting? {
        let path = section.required("file", .string)
        var terms = CandidateScanner.Terms()
        terms.least = section.value("minimum", Self.score, default: terms.least)
        terms.scale = section.value(
            "scale", Formats.share(1...1_000_000_000_000, "0.000001 to 1000000"),
            default: terms.scale)
        terms.action = section.value(
            "then", .choice("an action", [("buy", .buy), ("sell", .sell), ("alert", .alert)]),
            default: Action.buy)
        terms.lasts = Nanoseconds(
            section.value(
                "valid_for", .duration(in: 1_000_000_000...31_622_400_000_000_000),
                default: terms.lasts.count))
        if let weight = section.optional("target_weight", .percentage(in: 1...1_000_000)) {
            terms.size = .targetWeight(millionths: weight)
            if section.has("quantity") {
                section.report(
                    "target_weight", "quantity says the size already", advice: "keep one of both")
            }
        }
        guard let path else { return nil }
        var file = CandidateFile(path: self.path(path))
        readForm(section, symbols, &file)
        return ScannerSetting(file: file, terms: terms)
    }

    private func readForm(
        _ section: Section, _ symbols: [InstrumentID], _ file: inout CandidateFile
    ) {
        file.form = section.optional(
            "format", .choice("a form of list", of: CandidateFile.Form.self))
        file.unknownSymbols = section.value(
            "unknown_symbols", .choice("a policy", of: CandidateFile.UnknownSymbols.self),
            default: .stop)
        if let columns = section.section("columns") {
            for field in CandidateFile.Field.allCases {
                file.names[field] = columns.optional(field.rawValue, .string)
            }
        }
        // A list is made where its shares are traded.
        file.zone = symbols.first.map { configuration.instruments[Int($0.index)].timeZone } ?? "UTC"
        if let time = section.section("time") {
            file.timeFormat = time.value(
                "unit", Formats.timeUnit, default: .iso)
            file.zone = time.value("zone", Formats.zone, default: file.zone)
        }
        file.timeOfDay = section.optional("at", Self.timeOfDay)
        if file.timeOfDay != nil, file.timeFormat != .iso {
            section.report(
                "at", "a count since 1970 has its time of the day already",
                advice: "leave at out, or time: { unit: iso }")
        }
    }

    private static var score: ValueFormat<Int64> {
        Formats.share(-1_000_000_000_000_000...1_000_000_000_000_000, "-1000000000 to 1000000000")
    }

    private static var timeOfDay: ValueFormat<String> {
        .parsed("a time of the day such as 15:36") { text in
            Hours.time(text) == nil ? nil : text
        }
    }
}
