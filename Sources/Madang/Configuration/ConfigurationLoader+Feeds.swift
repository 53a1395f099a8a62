import Feeds
import Foundation
import Platform
import TradingModel

extension ConfigurationLoader {
    mutating func readFeeds(_ root: Section) {
        let sections = root.sections("feeds")
        for section in sections {
            _ = section.value("kind", .choice("a kind of feed", [("csv", "csv")]), default: "csv")
            let path = section.required("path", .string)
            let speed = section.value("speed", Self.speed, default: .max)
            guard let content = content(section) else {
                section.leave()
                continue
            }
            let columns = columns(section, content)
            guard let path else { continue }
            var settings = CSVFeedSettings(
                path: self.path(path), content: content, columns: columns)
            readDetails(section, &settings)
            check(section, settings)
            add(FeedSetting(csv: settings, speed: speed.factor))
        }
        if sections.isEmpty {
            root.report(
                "feeds", "at least one feed is needed",
                advice:
                    "for example: feeds: [{ kind: csv, path: day.csv.gz, what: candles, interval: 1m }]"
            )
        }
        if Set(configuration.feeds.map { $0.speed ?? 0 }).count > 1 {
            root.report(
                "feeds", "feeds pass at one speed", advice: "give every feed the same speed")
        }
    }

    /// `max`, or how many times as fast as it was: `60x`.
    private enum Speed {
        case max
        case times(Double)
        var factor: Double? {
            if case .times(let factor) = self { return factor }
            return nil
        }
    }
    private static var speed: ValueFormat<Speed> {
        .parsed(
            "'max' or a speed such as 1x or 60x",
            show: { speed in speed.factor.map { "\($0)x" } ?? "max" }
        ) { text in
            if text == "max" { return .max }
            guard text.hasSuffix("x"), let factor = Double(text.dropLast()), factor > 0,
                factor <= 1e9
            else { return nil }
            return .times(factor)
        }
    }

    private func content(_ section: Section) -> CSVFeedSettings.Content? {
        let what = section.required(
            "what",
            .choice(
                "a kind of rows",
                [("ticks", "ticks"), ("quotes", "quotes"), ("candles", "candles")]))
        switch what {
        case "ticks": return .ticks
        case "quotes": return .quotes
        case "candles":
            let end = section.value(
                "candle_time", .choice("an end of the candle", of: CSVFeedSettings.CandleTime.self),
                default: .open)
            guard let interval = section.required("interval", Formats.interval) else { return nil }
            return .candles(interval, time: end)
        default: return nil
        }
    }

    /// Every field under its own name, unless the file calls it otherwise.
    private func columns(
        _ section: Section, _ content: CSVFeedSettings.Content
    ) -> [CSVFeedSettings.Field: String] {
        var columns: [CSVFeedSettings.Field: String] = [:]
        guard let group = section.section("columns") else {
            var fields = CSVFeedSettings.Field.required(of: content)
            fields.append(.time)
            if !section.has("symbol") { fields.append(.symbol) }
            for field in fields { columns[field] = field.rawValue }
            return columns
        }
        for field in CSVFeedSettings.Field.all(of: content) {
            if let name = group.optional(field.rawValue, .string) { columns[field] = name }
        }
        for field in CSVFeedSettings.Field.required(of: content) where columns[field] == nil {
            columns[field] = field.rawValue
        }
        return columns
    }

    private func readDetails(_ section: Section, _ settings: inout CSVFeedSettings) {
        settings.symbol = section.optional("symbol", .string(limit: 32))
        var isZoneNamed = false
        if let time = section.section("time") {
            settings.timeFormat = time.value("unit", Formats.timeUnit, default: .iso)
            settings.zone = time.value("zone", Formats.zone, default: "UTC")
            settings.constantTime = time.optional("constant", .string(limit: 40))
            isZoneNamed = time.has("zone")
        }
        if !isZoneNamed {
            settings.likelierZone =
                configuration.instruments.first { $0.timeZone != settings.zone }?.timeZone
        }
        for (column, value) in section.scalars("where") {
            settings.filters.append((column, value.text))
        }
        settings.priceExponent = exponent(section, "price_scale")
        settings.quantityExponent = exponent(section, "quantity_scale")
        if let sides = section.optional(
            "side_means",
            .choice("a meaning", [("aggressor", "aggressor"), ("buyer_is_maker", "maker")]))
        {
            settings.sides =
                sides == "maker" ? CSVFeedSettings.buyerIsMaker : CSVFeedSettings.usualSides
        }
        readPolicies(section, &settings)
    }

    private func readPolicies(_ section: Section, _ settings: inout CSVFeedSettings) {
        settings.badRows = section.value(
            "bad_rows", .choice("a policy", of: CSVFeedSettings.BadRows.self), default: .stop)
        settings.untraded = section.value(
            "untraded", .choice("a policy", of: CSVFeedSettings.Untraded.self), default: .stop)
        settings.extraDecimals = section.value(
            "extra_decimals", .choice("a policy", of: CSVFeedSettings.ExtraDecimals.self),
            default: .stop)
        settings.duplicates = section.value(
            "duplicates", .choice("a policy", of: CSVFeedSettings.Duplicates.self), default: .keep)
        settings.stepsBack = section.value(
            "steps_back", .choice("a policy", of: CSVFeedSettings.StepsBack.self), default: .keep)
        settings.unknownSymbols = section.value(
            "unknown_symbols", .choice("a policy", of: CSVFeedSettings.UnknownSymbols.self),
            default: .skip)
        settings.isBlankVolumeZero = section.value("blank_volume_is_zero", .bool, default: false)
        let separator = section.value(
            "separator",
            .choice(
                "a separator",
                [("comma", ","), ("semicolon", ";"), ("tab", "\t")] as [(String, Unicode.Scalar)]),
            default: ",")
        settings.separator = separator
    }

    private func exponent(_ section: Section, _ key: String) -> Int {
        section.value(
            key,
            .parsed(
                "a power of ten from 1 to 100000000",
                show: { "1" + String(repeating: "0", count: $0) }
            ) { text in
                Int(text).flatMap { CSVFeedSettings.exponent(ofScale: $0) }
            }, default: 0)
    }

    private func check(_ section: Section, _ settings: CSVFeedSettings) {
        if settings.columns[.symbol] == nil, settings.symbol == nil {
            section.report(
                nil, "whose rows are these?",
                advice: "give symbol: NAME, or columns: { symbol: COLUMN }")
        }
        if let symbol = settings.symbol,
            !configuration.instruments.contains(where: { $0.symbol == symbol })
        {
            section.reportUnknown(
                "symbol", symbol, "a symbol of 'instruments'",
                allowed: configuration.instruments.map(\.symbol))
        }
        if settings.columns[.time] == nil, settings.constantTime == nil {
            section.report(
                nil, "which column is the time?", advice: "give columns: { time: COLUMN }")
        }
    }
}
