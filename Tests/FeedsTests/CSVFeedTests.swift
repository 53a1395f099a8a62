import Foundation
import Ports
import Testing
import TradingModel
import Vault

@testable import Feeds

@Suite struct CSVFeedTests {
    static func message(_ settings: CSVFeedSettings, _ text: String) -> String {
        do throws(FeedError) {
            _ = try readAll(settings, MemorySource(text))
            return ""
        } catch {
            return error.description
        }
    }

    @Test func ticksAreReadByTheHeadersNames() throws {
        let settings = CSVFeedSettings.ticks { $0.columns[.side] = "side" }
        let text =
            "q,side,p,unused,s,t\r\n1.5,B,70100,x,A,17\r\n2,S,70200.5,\"a,\"\"b\",B,18\r\n,,,,,\n"
        var rows: [MarketInput] = []
        let feed = CSVFeed(settings, digest: OpenSSLDigest(), resolve: letters)
        let reader = try feed.open(MemorySource("\u{FEFF}" + text))
        #expect(try !reader.read(into: &rows, limit: 10))
        #expect(
            rows == [
                .tick(
                    Tick(
                        instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: 17),
                        price: price("70100"), quantity: quantity("1.5"), aggressor: .buyer)),
                .tick(
                    Tick(
                        instrument: InstrumentID(1), feedTime: Timestamp(nanoseconds: 18),
                        price: price("70200.5"), quantity: quantity("2"), aggressor: .seller)),
            ])
        #expect(feed.counts.rows == 2)
        #expect(feed.counts.skipped == 1)  // a row without a symbol
    }

    /// A session's reader opens the file again in the middle of a run.
    @Test(arguments: ["1,2\n", "1,2\n3,4\n5,6\n"])
    func aFileThatIsReplacedDuringARunIsRefused(_ after: String) throws {
        let path = "\(NSTemporaryDirectory())madang-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var settings = CSVFeedSettings(
            path: path, content: .ticks, columns: [.time: "t", .price: "p"])
        settings.symbol = "A"
        settings.timeFormat = .unixNanoseconds
        let feed = CSVFeed(settings, digest: OpenSSLDigest()) { _ in InstrumentID(0) }
        try Data("t,p\n1,2\n3,4\n".utf8).write(to: URL(fileURLWithPath: path))
        _ = try feed.open()
        _ = try feed.fingerprint()
        let reader = try feed.open()
        var rows: [MarketInput] = []
        while try reader.read(into: &rows, limit: 100) {}
        #expect(rows.count == 2 && reader.fraction == 1)
        try Data(("t,p\n" + after).utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: FeedError.self) { try feed.open() }
        #expect(error?.place == path)
        #expect(error?.what == "the file was changed since the run began")
        #expect(error?.advice.contains("--fresh") == true)
    }

    @Test func quotesMayHaveOneSide() throws {
        var settings = CSVFeedSettings(
            path: "q.csv", content: .quotes,
            columns: [.time: "t", .bid: "b", .ask: "a", .bidSize: "bs", .askSize: "as"])
        settings.symbol = "A"
        settings.timeFormat = .unixMilliseconds
        let result = try readAll(
            settings, MemorySource("t,b,bs,a,as\n1,10,5,,\n2,0,0,11,6\n3,10,5,11,6\n"))
        #expect(result.quotes.map(\.bid) == [price("10"), .zero, price("10")])
        #expect(result.quotes.map(\.askQuantity) == [.zero, quantity("6"), quantity("6")])
        let nothing = Self.message(settings, "t,b,bs,a,as\n1,0,0,-,-\n")
        #expect(nothing.contains("q.csv:2: column 'b': neither side is quoted"))
        let half = Self.message(settings, "t,b,bs,a,as\n1,0,7,11,6\n")
        #expect(half.contains("a side has a size and no price"))
    }

    @Test func candlesMayBeNamedByTheirClose() throws {
        let text = "t,o,h,l,c,v\n2020-01-02,1,3,1,2,100\n"
        let open = try readAll(.candles(), MemorySource(text))
        #expect(open.candles.first?.openTime == utc("2020-01-02"))
        let close = try readAll(
            .candles { $0.content = .candles(CSVFeedSettings.day, time: .close) },
            MemorySource(text))
        #expect(close.candles.first?.openTime == utc("2020-01-01"))
        #expect(close.candles.first?.closeTime == utc("2020-01-02"))
    }

    /// What is wrong, where, and what to do, in each message.
    @Test(arguments: [
        ("", "t.csv: the file is empty\n  the first line names the columns"),
        ("\n\n", "t.csv: the file is empty\n  the first line names the columns"),
        ("t,s,p,q\n", "t.csv: the file has a header and no rows\n  record it again"),
        (
            "t,s,prize,q\n1,A,1,1\n",
            "t.csv:1: there is no column 'p'\n  columns: t, s, prize, q"
        ),
        ("t,s,p,q,p\n", "t.csv:1: two columns are called 'p'\n  rename one in the header"),
        (
            "t,s,p,q\n1,A,1,1\n2,A,1\n",
            "t.csv:3: the row has 3 fields, the header 4\n"
                + "  quote fields that hold the separator, or set bad_rows: skip"
        ),
        (
            "t,s,p,q\n1,A,1e5,1\n",
            "t.csv:2: column 'p': '1e5' is not a price\n  expected plain digits such as 70100 or 0.005, "
                + "not negative, up to 8 decimals (extra_decimals: cut drops the others)"
        ),
        (
            "t,s,p,q\n1,A,0,1\n",
            "t.csv:2: column 'p': the price is '0': not traded?\n"
                + "  set untraded: skip to pass over such rows, or allow to take them as prices"
        ),
        (
            "t,s,p,q\n2020-01-01,A,1,1\n",
            "t.csv:2: column 't': '2020-01-01' is not a time\n  expected ns since 1970; for dates leave 'unit' out"
        ),
        (
            "t,s,p,q\n1,A,1,\"2\n3\n",
            "t.csv:2: a quote is never closed\n  close it, or double quotes inside a field"
        ),
        (
            "t,s,p,q\n1,A,1,\"2\"3\n",
            "t.csv:2: text follows a closing quote\n  double quotes inside a field"
        ),
        (
            "t,s,p,q\n1,A,1,1\n1,A,\0,1\n",
            "t.csv:3: the line holds a NUL byte\n  is this a text file?"
        ),
    ])
    func badFilesAreNamed(_ text: String, _ expected: String) {
        #expect(Self.message(.ticks(), text) == expected)
    }

    @Test func moreBadRowsAreNamed() {
        #expect(Self.message(.ticks(), "t,s,p,q\n1,A,1,-1\n").contains("'-1' is not a quantity"))
        #expect(
            Self.message(.ticks(), "t,s,p,q\n1,A,-1,1\n").contains("the price is '-1': not traded?")
        )
        #expect(Self.message(.ticks(), "t,s,p,q\n1,A,99999999999,1\n").contains("is not a price"))
        #expect(Self.message(.ticks(), "t,s,p,q\n1,A,1,-\n").contains("'-' is not a quantity"))
        let unknown = Self.message(.ticks { $0.unknownSymbols = .stop }, "t,s,p,q\n1,Z,1,1\n")
        #expect(unknown.hasPrefix("t.csv:2: column 's': 'Z' is not among the instruments"))
        let side = Self.message(.ticks { $0.columns[.side] = "q" }, "t,s,p,q\n1,A,1,5\n")
        #expect(side.contains("column 'q': '5' is no side"))
        let unit = Self.message(
            .ticks { $0.timeFormat = .unixMilliseconds }, "t,s,p,q\n1704153600015225774,A,1,1\n")
        #expect(unit.hasSuffix("expected ms since 1970; this looks like time: { unit: ns }"))
        let count = Self.message(.ticks { $0.timeFormat = .iso }, "t,s,p,q\n1704153600,A,1,1\n")
        #expect(count.hasSuffix("this looks like time: { unit: s }"))
        let back = Self.message(.ticks { $0.stepsBack = .stop }, "t,s,p,q\n2,A,1,1\n1,A,1,1\n")
        #expect(back.hasPrefix("t.csv:3: column 't': the time is earlier than the row before"))
        let candle = Self.message(.candles(), "t,o,h,l,c,v\n2020-01-02,1,3,2,4,100\n")
        #expect(candle.contains("high 3 and low 2 do not enclose open 1 and close 4"))
        #expect(
            Self.message(.ticks { $0.zone = "Asia/Atlantis" }, "t,s,p,q\n1,A,1,1\n")
                .contains("there is no time zone 'Asia/Atlantis'"))
        #expect(
            Self.message(.ticks { $0.columns[.symbol] = nil }, "t,s,p,q\n1,A,1,1\n")
                .contains("the symbol comes from a column or from the settings"))
        #expect(
            Self.message(.ticks { $0.columns[.price] = nil }, "t,s,p,q\n1,A,1,1\n")
                .contains("no column is named for 'price'"))
        #expect(
            Self.message(.candles { $0.symbol = "Z" }, "t,o,h,l,c,v\n2020-01-02,1,3,1,2,9\n")
                .contains("'Z' is not among the instruments"))
    }

    @Test func linesInsideQuotesAreCounted() {
        let text = "t,s,p,q,note\n1,A,1,1,\"two\nlines\"\n2,A,x,1,-\n"
        #expect(Self.message(.ticks(), text).hasPrefix("t.csv:4: column 'p': 'x' is not a price"))
    }

    @Test func aLineOfAMegabyteIsRefused() {
        let fine = "t,s,p,q,note\n1,A,1,1," + String(repeating: "x", count: 900_000) + "\n"
        #expect(Self.message(.ticks(), fine).isEmpty)
        let text = "t,s,p,q,note\n1,A,1,1," + String(repeating: "x", count: 1_100_000) + "\n"
        #expect(Self.message(.ticks(), text).hasPrefix("t.csv:2: the line is longer than 1 MiB"))
        let wide = String(repeating: ",", count: 5_000)
        #expect(Self.message(.ticks(), wide).contains("more than 4096 fields"))
    }

    @Test func policiesSkipAndCount() throws {
        let text = "t,s,p,q\n5,A,1,1\n5,A,1,1\n4,A,2,1\n6,Z,1,1\n7,A,0,1\n8,A,x,1\n9,A,3,-\n"
        let kept = try readAll(
            .ticks {
                $0.badRows = .skip
                $0.untraded = .skip
                $0.isBlankVolumeZero = true
            }, MemorySource(text), limit: 2)
        #expect(kept.ticks.map(\.feedTime.nanoseconds) == [5, 5, 4, 9])
        #expect(kept.ticks.last?.quantity == .zero)
        #expect(kept.counts.rows == 4)
        #expect(kept.counts.skipped == 3)
        #expect(kept.counts.duplicates == 1)
        #expect(kept.counts.stepsBack == 1)
        let dropped = try readAll(
            .ticks {
                $0.badRows = .skip
                $0.untraded = .allow
                $0.duplicates = .drop
                $0.stepsBack = .drop
            }, MemorySource(text))
        #expect(dropped.ticks.map(\.feedTime.nanoseconds) == [5, 7])
        #expect(dropped.counts.stepsBack == 1)
    }

    @Test func aRowThatIsCutShortIsToldAsSuch() {
        let told = Self.message(.ticks(), "t,s,p,q\n1,A,1,1\n2,A")
        #expect(told.hasPrefix("t.csv:3: the row has 2 fields, the header 4\n"))
        #expect(told.hasSuffix("was the file cut short, or is it still being written?"))
        #expect(!Self.message(.ticks(), "t,s,p,q\n1,A\n2,A,1,1").contains("cut short"))
    }

    @Test func stepsBackThatAreKeptAreRemarkedOn() throws {
        let text = "t,s,p,q\n5,A,1,1\n4,A,2,1\n6,B,1,1\n3,Z,1,1\n2,A,1,1\n"
        let kept = try readAll(.ticks(), MemorySource(text), limit: 1)
        #expect(
            kept.remarks == [
                "t.csv: 2 rows are earlier than a row before, first in line 3, and taken as they"
                    + " stand; sort the file, or say steps_back: drop or stop"
            ])
        #expect(kept.instruments == [InstrumentID(0), InstrumentID(1)])
        let dropped = try readAll(.ticks { $0.stepsBack = .drop }, MemorySource(text))
        #expect(dropped.remarks.isEmpty)
    }

    @Test(arguments: [("1m", 0), ("5m", 2), ("2m", 1)])
    func candlesCloserThanTheirIntervalAreRemarkedOn(_ interval: String, _ count: Int) throws {
        let settings = CSVFeedSettings.candles {
            $0.content = .candles(CSVFeedSettings.interval(interval), time: .open)
            $0.timeFormat = .unixSeconds
        }
        let text = "t,o,h,l,c,v\n60,1,3,1,2,9\n60,1,3,1,2,9\n180,1,3,1,2,9\n240,1,3,1,2,9\n"
        let read = try readAll(settings, MemorySource(text))
        #expect(read.counts.overlaps == count)
        #expect(read.remarks.count == (count > 0 ? 1 : 0))
        #expect(read.remarks.allSatisfy { $0.contains("is interval: \(interval) what") })
    }

    /// 2020-03-08 has 23 hours in New York; a day's candle half a day behind another is remarked on still.
    @Test(arguments: [("2020-03-09", 0), ("2020-03-08T12:00", 1)])
    func aDayOnWhichClocksGoForwardIsOne(_ next: String, _ count: Int) throws {
        let settings = CSVFeedSettings.candles {
            $0.content = .candles(CSVFeedSettings.interval("1d"), time: .open)
            $0.zone = "America/New_York"
        }
        let text = "t,o,h,l,c,v\n2020-03-08,1,3,1,2,9\n\(next),1,3,1,2,9\n"
        #expect(try readAll(settings, MemorySource(text)).counts.overlaps == count)
    }

    @Test func candlesAtBothEndsOfTimeAreRead() throws {
        let text =
            "t,o,h,l,c,v\n-9000000000000000000,1,3,1,2,9\n9000000000000000000,1,3,1,2,9\n"
        let read = try readAll(
            .candles { $0.timeFormat = .unixNanoseconds }, MemorySource(text))
        #expect(read.candles.count == 2 && read.counts.overlaps == 0)
    }

    /// A zone that nobody named is remarked on only where a time needed one.
    @Test(arguments: [
        ("2020-01-02 09:00:00", true), ("2020-01-02", true), ("20200102", true),
        ("2020-01-02T09:00:00+09:00", false), ("2020-01-02T09:00Z", false),
    ])
    func timesWithoutAnOffsetAreRemarkedOn(_ time: String, _ isLocal: Bool) throws {
        let source = { MemorySource("t,o,h,l,c,v\n\(time),1,3,1,2,9\n") }
        let assumed = try readAll(.candles { $0.likelierZone = "Asia/Seoul" }, source())
        #expect(assumed.remarks.count == (isLocal ? 1 : 0))
        #expect(assumed.remarks.allSatisfy { $0.contains("read as UTC; say whose they are") })
        #expect(try readAll(.candles(), source()).remarks.isEmpty)
    }

    /// By the rows that were taken, however far ahead bytes are read.
    @Test(arguments: [false, true]) func howFarItIsGrowsRowByRow(_ isPacked: Bool) throws {
        let rows = (1...4_000).map { "\($0 + 1_000_000),A,\(10_000 + $0 * 7 % 977),1" }
        let bytes = Array(("t,s,p,q\n" + rows.joined(separator: "\n") + "\n").utf8)
        let path = NSTemporaryDirectory() + "/fraction-\(UUID().uuidString)"
        let file = isPacked ? path + ".gz" : path
        try Data(isPacked ? gzip(bytes) : bytes).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let feed = CSVFeed(
            .ticks { $0.path = file }, digest: OpenSSLDigest(), resolve: letters)
        let reader = try MergedFeed([feed], digest: OpenSSLDigest()).open()
        var taken: [MarketInput] = []
        while try reader.read(into: &taken, limit: 100) {
            let share = Double(taken.count) / Double(rows.count)
            #expect(abs(reader.fraction - share) < 0.1, "\(share): \(reader.fraction)")
        }
        #expect(taken.count == rows.count && reader.fraction == 1)
    }

    private static let day: Int64 = 86_400_000_000_000
    private static func text(_ times: [Int64]) -> String {
        "t,s,p,q\n" + times.map { "\($0),A,1,1\n" }.joined()
    }

    /// Further ahead than a day of the row before it and of the row after it: refused with its own line.
    @Test(
        arguments: [
            ([0, day + 2, 1], 3), ([.max, 0], 2), ([0, 1, 9_000 * day, 2, 3], 4),
            ([0, 5 * day, 9 * day, 5 * day + 1], 4),
        ] as [([Int64], Int)])
    func aStampFarAheadOfItsNeighboursIsRefused(_ times: [Int64], _ line: Int) throws {
        let message = Self.message(.ticks(), Self.text(times))
        #expect(
            message.hasPrefix("t.csv:\(line): column 't': the time is more than a day ahead of"))
        var others = times
        others.remove(at: line - 2)
        for steps in [CSVFeedSettings.StepsBack.keep, .drop, .stop] {
            for limit in 1...4 {
                let kept = try readAll(
                    .ticks {
                        $0.badRows = .skip
                        $0.stepsBack = steps
                    }, MemorySource(Self.text(times)), limit: limit)
                #expect(kept.ticks.map(\.feedTime.nanoseconds) == others)
                #expect(kept.counts.skipped == 1 && kept.counts.stepsBack == 0)
                #expect(kept.counts.rows == others.count)
            }
        }
    }

    /// A gap is a gap, at the end too; and a step back of less than a day stays one.
    @Test(arguments: 1...4)
    func gapsAreReadInOrder(_ limit: Int) throws {
        let day = Self.day
        for times in [
            [0], [.max], [0, day + 1], [0, 30 * day, 30 * day, 60 * day, 90 * day],
            [0, 9 * day, 8 * day, 8 * day + 1], [-day * 40_000, 0, 1, day * 40_000],
        ] as [[Int64]] {
            let read = try readAll(.ticks(), MemorySource(Self.text(times)), limit: limit)
            #expect(read.ticks.map(\.feedTime.nanoseconds) == times)
            #expect(read.counts.rows == times.count)
        }
        let feed = CSVFeed(.ticks(), digest: OpenSSLDigest(), resolve: letters)
        let reader = try feed.open(MemorySource("t,s,p,q\n1,A,1,1\n2,A,x,1\n"))
        var rows: [MarketInput] = []
        #expect(throws: FeedError.self) {
            while try reader.read(into: &rows, limit: limit) {}
        }
        #expect(rows.count == 1, "what stands before a bad row is given")
    }

    @Test func extraDecimalsAreCutOnlyWhenAsked() throws {
        let text = "t,s,p,q\n1,A,0.123456789,218102.59507500002\n"
        #expect(Self.message(.ticks(), text).contains("'0.123456789' is not a price"))
        let result = try readAll(.ticks { $0.extraDecimals = .cut }, MemorySource(text))
        #expect(result.ticks.first?.price == price("0.12345678"))
        #expect(result.ticks.first?.quantity == quantity("218102.595075"))
    }

    @Test func filtersKeepTheirRowsAlone() throws {
        let settings = CSVFeedSettings.ticks { $0.filters = [("m", "spot"), ("n", "")] }
        let result = try readAll(
            settings, MemorySource("t,s,p,q,m,n\n1,A,1,1,spot,\n2,A,1,1,cm,\n3,A,1,1,spot,x\n"))
        #expect(result.ticks.map(\.feedTime.nanoseconds) == [1])
        #expect(result.counts.skipped == 0)
    }

    @Test func volumesBeyondInt64AreExact() throws {
        let text = "t,o,h,l,c,v\n2020-01-02,1,3,1,2,19494383573469123456789.5\n"
        let result = try readAll(.candles(), MemorySource(text))
        #expect(result.candles.first?.volume.description == "19494383573469123456789.5")
        let huge = "t,o,h,l,c,v\n2020-01-02,1,3,1,2,1" + String(repeating: "0", count: 40) + "\n"
        #expect(Self.message(.candles(), huge).contains("is not a volume"))
    }

    @Test func afterAnErrorAReaderStaysThere() throws {
        let feed = CSVFeed(.ticks(), digest: OpenSSLDigest(), resolve: letters)
        let reader = try feed.open(MemorySource("t,s,p,q\n1,A,x,1\n2,A,1,1\n"))
        var rows: [MarketInput] = []
        let first = #expect(throws: FeedError.self) { try reader.read(into: &rows, limit: 10) }
        let second = #expect(throws: FeedError.self) { try reader.read(into: &rows, limit: 10) }
        #expect(first == second)
        #expect(rows.isEmpty)
    }

    @Test func aMissingFileAndADirectoryAreNamed() {
        let feed = CSVFeed(
            .ticks { $0.path = "/no/such.csv" }, digest: OpenSSLDigest(), resolve: letters)
        let error = #expect(throws: FeedError.self) { try feed.open() }
        #expect(
            error?.description == "/no/such.csv: there is no such file\n  check the feed's path")
        #expect(throws: FeedError.self) { try feed.fingerprint() }
        let folder = CSVFeed(.ticks { $0.path = "/usr" }, digest: OpenSSLDigest(), resolve: letters)
        #expect(throws: FeedError.self) { try folder.open() }
    }
}
