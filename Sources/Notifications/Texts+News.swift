package import Ports
import TradingModel

extension Texts {
    /// What a doctor sends on request.
    package func testMessage(_ channel: String) -> String {
        say(
            "Test message: channel \(channel) works. Nothing was traded.",
            "시험 메시지: 채널 \(channel) 정상. 거래는 없었습니다.")
    }

    private func failSafe(
        _ code: FailSafeCode, _ severity: FailSafeCode.Severity, _ text: String
    ) -> String {
        let isGrave = severity == .critical
        return say(
            "\(code.rawValue)\(isGrave ? " CRITICAL" : ""): \(text)",
            "\(code.rawValue)\(isGrave ? " 긴급" : ""): \(text)")
    }

    /// What a run tells, in words.
    ///
    /// - Parameter currency: Of an account's name.
    package func words(of event: RunNews.Event, currency: (String) -> String) -> String {
        switch event {
        case .filled(let fill): return self.fill(fill)
        case .notApproved(let symbol, let rule, let detail):
            return notApproved(symbol, rule: rule, detail: detail)
        case .orderEnded(let symbol, let order, let part, let reason):
            return orderEnded(symbol, order, part: part, reason: reason)
        case .failSafe(let code, let severity, let text):
            return failSafe(code, severity, text)
        case .alert(let alert): return self.alert(alert)
        case .limitPassed(let account, let symbol, let rule, let detail):
            return limitPassed(account, symbol, rule: rule, detail: detail)
        case .corrected(let correction):
            return corrected(correction, currency(correction.account))
        case .killed(let isOn, let part, let reason):
            return kill(isOn: isOn, part: part, reason: reason)
        case .server(let name, let trouble, let detail):
            return server(name, trouble, detail: detail)
        case .versions(let name, let plan): return versions(name, plan)
        case .finished(let summary):
            let profits = summary.pnl.sorted { $0.key < $1.key }.compactMap { name, text in
                Money(text).map { Profit(name: name, amount: $0, currency: currency(name)) }
            }
            return runFinished(
                summary.run, orders: summary.orders, fills: summary.fills, profits: profits)
        }
    }
}

extension Texts {
    /// `[WARNING] FS049 005930 corrected: 10 in the books, 7 at the broker (by hand: sold by phone)`
    private func corrected(_ news: CorrectionNews, _ currency: String) -> String {
        let (books, stated) =
            switch news.difference {
            case .holding(_, let books, let stated):
                (groupedDigits("\(books)"), groupedDigits("\(stated)"))
            case .cash(let books, let stated): (money(books, currency), money(stated, currency))
            }
        let what = news.symbol ?? say("cash of \(news.account)", "\(news.account) 현금")
        let who = news.byPerson ? say("by hand", "수동") : say("by the configuration", "설정")
        let why = news.reason.isEmpty ? who : "\(who): \(news.reason)"
        return warning(
            say(
                "FS049 \(what) corrected: \(books) in the books, \(stated) at the broker (\(why))",
                "FS049 \(what) 정정: 장부 \(books), 증권사 \(stated) (\(why))"))
    }

    private func versions(_ name: String, _ plan: VersionPlan) -> String {
        let other = plan.role(of: plan.live.other)
        return say(
            "\(name): the \(plan.live.name) version is live, the other \(other)",
            "\(name): \(plan.live == .main ? "기본" : "후보") 버전 적용, 다른 버전 \(other)")
    }
}

extension RunNews.Event {
    package var severity: Severity {
        switch self {
        case .filled, .alert, .finished, .failSafe(_, .info, _): .info
        case .failSafe(_, .critical, _): .critical
        case .failSafe(_, .warning, _): .warning
        case .server(_, .quarantined, _), .server(_, .released, _): .critical
        case .notApproved, .orderEnded, .server, .versions, .corrected: .warning
        case .killed, .limitPassed(_, nil, _, _): .critical
        case .limitPassed: .warning
        }
    }
    package var topic: Topic {
        switch self {
        case .filled: .fill
        case .notApproved, .orderEnded, .failSafe, .limitPassed, .corrected: .order
        case .alert: .alert
        case .killed: .kill
        case .server, .versions: .server
        case .finished: .run
        }
    }
}
