package import TradingModel

/// How a CSV file is to be read: what its rows are, and which column is what.
package struct CSVFeedSettings: Sendable {
    package enum Content: Hashable, Sendable {
        case ticks
        case quotes
        /// - Parameter time: Which end of the interval the file's time names.
        case candles(Interval, time: CandleTime)
    }

    package enum CandleTime: String, Hashable, Sendable, CaseIterable { case open, close }

    /// What a row needs. Each is given a column by its name in the header.
    package enum Field: String, Hashable, Sendable, CaseIterable {
        /// Of any content. With `timeOfDay`, the date alone.
        case time
        /// ms since midnight of the zone.
        case timeOfDay = "time_of_day"
        case symbol
        /// Of a tick. `quantity` and `side` may be absent.
        case price, quantity, side
        /// Of a quote. The sizes may be absent.
        case bid, ask
        case bidSize = "bid_size"
        case askSize = "ask_size"
        /// Of a candle. `volume` may be absent.
        case open, high, low, close, volume

        /// Those that a content can have, in the order for messages.
        package static func all(of content: Content) -> [Field] {
            let common: [Field] = [.time, .timeOfDay, .symbol]
            switch content {
            case .ticks: return common + [.price, .quantity, .side]
            case .quotes: return common + [.bid, .bidSize, .ask, .askSize]
            case .candles: return common + [.open, .high, .low, .close, .volume]
            }
        }

        /// Those that must have a column.
        package static func required(of content: Content) -> [Field] {
            switch content {
            case .ticks: [.price]
            case .quotes: [.bid, .ask]
            case .candles: [.open, .high, .low, .close]
            }
        }
    }

    /// What happens to a row that cannot be read.
    package enum BadRows: String, Hashable, Sendable, CaseIterable { case stop, skip }
    /// What happens to a row whose price is zero, negative, `-` or empty: not traded, in most
    /// files.
    package enum Untraded: String, Hashable, Sendable, CaseIterable {
        case stop, skip
        /// Zero and negative prices are prices: spreads, rates.
        case allow
    }
    /// What happens to a number with more than eight decimals: many files hold printed binary
    /// fractions such as `218102.59507500002`.
    package enum ExtraDecimals: String, Hashable, Sendable, CaseIterable {
        case stop
        /// Toward zero, at the last decimal that is kept.
        case cut
    }
    /// What happens to a row with the same bytes as the row before it. Counted in any case.
    package enum Duplicates: String, Hashable, Sendable, CaseIterable { case keep, drop }
    /// What happens to a row that is earlier than the row before it. Counted in any case.
    package enum StepsBack: String, Hashable, Sendable, CaseIterable { case keep, drop, stop }
    /// What happens to a row of a symbol that the resolver does not know.
    package enum UnknownSymbols: String, Hashable, Sendable, CaseIterable { case skip, stop }

    package var path: String
    package var content: Content
    package var columns: [Field: String]
    /// For a file without a symbol column.
    package var symbol: String?
    /// For a file without a time column: `2021-01-22`, in the zone.
    package var constantTime: String?
    package var timeFormat = TimeFormat.iso
    /// IANA name; for times that carry no offset.
    package var zone = "UTC"
    /// Where nobody named the zone: the one that it may well be instead.
    package var likelierZone: String?
    /// Only rows in which each of these columns has this text.
    package var filters: [(column: String, value: String)] = []
    /// The file's prices are this power of ten too large: 4 for columns in ten-thousandths. 0 to 8.
    package var priceExponent = 0
    /// The same for quantities and volumes.
    package var quantityExponent = 0
    /// The words of the side column; an empty field is ``Aggressor/unknown``.
    package var sides = Self.usualSides
    package var badRows = BadRows.stop
    package var untraded = Untraded.stop
    package var extraDecimals = ExtraDecimals.stop
    package var duplicates = Duplicates.keep
    package var stepsBack = StepsBack.keep
    package var unknownSymbols = UnknownSymbols.skip
    /// Reads an empty volume or quantity, or `-`, as zero.
    package var isBlankVolumeZero = false
    package var separator: Unicode.Scalar = ","

    package init(path: String, content: Content, columns: [Field: String]) {
        self.path = path
        self.content = content
        self.columns = columns
    }

    /// `B`, `S`, `buy`, `sell`, … in the aggressor's sense.
    package static let usualSides: [String: Aggressor] = [
        "B": .buyer, "b": .buyer, "BUY": .buyer, "buy": .buyer, "Buy": .buyer, "BID": .buyer,
        "S": .seller, "s": .seller, "SELL": .seller, "sell": .seller, "Sell": .seller,
        "ASK": .seller,
    ]

    /// For a column that says whether the buyer was the maker: then the seller took.
    package static let buyerIsMaker: [String: Aggressor] = [
        "true": .seller, "false": .buyer, "True": .seller, "False": .buyer, "1": .seller,
        "0": .buyer,
    ]

    /// 4 for 10 000; `nil` for what is no power of ten from 1 to 10⁸.
    package static func exponent(ofScale scale: Int) -> Int? {
        var power = 1
        for exponent in 0...8 {
            if power == scale { return exponent }
            power *= 10
        }
        return nil
    }
}
