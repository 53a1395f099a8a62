import Notifications
import Ports
import Testing
import TradingModel

/// A correction is told with both sides' numbers, in both languages.
@Suite struct CorrectionTextTests {
    private func words(
        _ symbol: String?, _ difference: Difference, byPerson: Bool, _ language: Language
    ) -> String {
        Texts(language).words(
            of: .corrected(
                CorrectionNews(
                    account: "demo", symbol: symbol, difference: difference, byPerson: byPerson,
                    reason: byPerson ? "by phone" : ""))
        ) { _ in "KRW" }
    }

    @Test func sharesAndCashSayWhatTheyWere() throws {
        let shares = Difference.holding(
            InstrumentID(0), books: try #require(Quantity("1200")),
            stated: try #require(Quantity("7")))
        let cash = Difference.cash(
            books: try #require(Money("1000000.5")), stated: try #require(Money("999000")))
        #expect(
            words("005930", shares, byPerson: true, .en)
                == "[WARNING] FS049 005930 corrected: 1,200 in the books, 7 at the broker (by hand: by phone)"
        )
        #expect(
            words("005930", shares, byPerson: true, .ko)
                == "[WARNING] FS049 005930 정정: 장부 1,200, 증권사 7 (수동: by phone)")
        #expect(
            words(nil, cash, byPerson: false, .ko)
                == "[WARNING] FS049 demo 현금 정정: 장부 1,000,000원, 증권사 999,000원 (설정)")
        #expect(
            words(nil, cash, byPerson: false, .en).contains(
                "cash of demo corrected: 1,000,000 KRW in the books"))
    }
}
