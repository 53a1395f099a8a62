import Strategies
import Testing
import TradingModel

@Suite struct CandidateScannerTests {
    private static let instrument = InstrumentID(0)

    private func candidate(
        _ seconds: Int64, _ score: Int64, action: Action? = nil, reasons: [String] = []
    ) -> Candidate {
        Candidate(
            time: .init(nanoseconds: seconds * 1_000_000_000), instrument: Self.instrument,
            score: score, action: action, reasons: reasons)
    }
    private func tick(_ seconds: Int64) -> Tick {
        Tick(
            instrument: Self.instrument, feedTime: .init(nanoseconds: seconds * 1_000_000_000),
            price: Price(units: 1), quantity: Quantity(units: 1))
    }

    @Test func aCandidateIsSaidOnceAtTheFirstEventThatIsNotBeforeIt() {
        var scanner = CandidateScanner(
            [candidate(10, 8_000_000, reasons: ["gap"])], CandidateScanner.Terms())
        #expect(scanner.onTick(tick(9)) == nil)
        let said = scanner.onTick(tick(10))
        #expect(said?.action == .buy && said?.message == "score 8" && said?.reasons == ["gap"])
        #expect(said?.confidence.millionths == 800_000)
        #expect(said?.validity == .duration(.seconds(86_400)))
        #expect(scanner.onTick(tick(10)) == nil && scanner.onTick(tick(11)) == nil)
    }

    @Test func aCandleHearsWhatWasKnownAtItsClose() throws {
        let interval = try #require(Interval(seconds: 60))
        var scanner = CandidateScanner([candidate(60, 9_000_000)], CandidateScanner.Terms())
        func candle(_ open: Int64) -> Candle {
            Candle(
                instrument: Self.instrument, interval: interval,
                openTime: .init(nanoseconds: open * 1_000_000_000), open: .zero, high: .zero,
                low: .zero, close: .zero, volume: .zero)
        }
        #expect(scanner.onCandle(candle(-60)) == nil)
        #expect(scanner.onCandle(candle(0)) != nil)
    }

    /// The day's candle and the last hour of a session are known when it ends: what is found in the evening waits.
    @Test(arguments: [(86_400, 0), (3_600, 15)] as [(Int64, Int64)])
    func theLastCandleOfASessionHearsNothingOfTheEvening(_ length: Int64, _ hour: Int64) throws {
        let interval = try #require(Interval(seconds: length))
        let session = try #require(
            MarketHours.Session(open: 9 * 3_600_000_000_000, close: 55_800_000_000_000))
        func scanner(_ found: Int64) -> CandidateScanner {
            CandidateScanner(
                [candidate(found, 9_000_000)], CandidateScanner.Terms(lasts: .seconds(600)),
                hours: MarketHours(session))
        }
        let candle = Candle(
            instrument: Self.instrument, interval: interval,
            openTime: .init(nanoseconds: hour * 3_600_000_000_000), open: .zero, high: .zero,
            low: .zero, close: .zero, volume: .zero)
        var evening = scanner(15 * 3_600 + 36 * 60)
        #expect(evening.onCandle(candle) == nil)
        #expect(evening.onTick(tick(15 * 3_600 + 37 * 60)) != nil)
        var afternoon = scanner(15 * 3_600 + 25 * 60)
        let left = Nanoseconds.seconds(600 - 360)
        #expect(afternoon.onCandle(candle)?.validity == .duration(left), "known at 15:31")
    }

    @Test(
        arguments: [
            (7_000_000, 700_000), (6_999_999, nil), (10_000_000, 1_000_000),
            (25_000_000, 1_000_000), (7_333_333, 733_333),
        ] as [(Int64, Int32?)])
    func theScoreIsTheConfidence(_ score: Int64, _ confidence: Int32?) {
        var scanner = CandidateScanner([candidate(0, score)], CandidateScanner.Terms())
        #expect(scanner.onTick(tick(1))?.confidence.millionths == confidence)
    }

    /// However little of its time is left, or nothing.
    @Test(arguments: [(0, 100), (40, 60), (100, 0), (5_000, 0)] as [(Int64, Int64)])
    func itStandsFromTheMomentItWasKnown(_ wait: Int64, _ left: Int64) {
        var scanner = CandidateScanner(
            [candidate(1_000, 8_000_000)], CandidateScanner.Terms(lasts: .seconds(100)))
        #expect(scanner.onTick(tick(1_000 + wait))?.validity == .duration(.seconds(left)))
    }

    @Test func theLatestOfSeveralIsSaidAndTheOthersCounted() {
        var scanner = CandidateScanner(
            [
                candidate(1, 7_500_000), candidate(2, 1_000_000), candidate(3, 8_000_000),
                candidate(4, 9_500_000, action: .sell), candidate(9, 9_000_000),
            ], CandidateScanner.Terms(action: .alert))
        let said = scanner.onTick(tick(5))
        #expect(said?.action == .sell && said?.message == "score 9.5, and 2 before it")
        #expect(scanner.onTick(tick(9))?.action == .alert)
    }

    /// The state is where it stands in its list: what recovery compares.
    @Test func whereItStandsIsItsState() {
        func hash(_ scanner: CandidateScanner) -> UInt64 {
            var hasher = StateHasher()
            scanner.hash(into: &hasher)
            return hasher.value
        }
        var scanner = CandidateScanner([candidate(1, 8_000_000)], CandidateScanner.Terms())
        let before = hash(scanner)
        _ = scanner.onTick(tick(2))
        #expect(hash(scanner) != before)
        #expect(
            hash(CandidateScanner([candidate(1, 8_000_001)], CandidateScanner.Terms())) != before)
    }
}
