package import Ports
package import TradingModel

/// Every text that goes to a phone, in both languages. First lines say it all.
package struct Texts: Hashable, Sendable {
    package let language: Language
    package init(_ language: Language) { self.language = language }

    func say(_ english: String, _ korean: String) -> String {
        language == .ko ? korean : english
    }

    // MARK: Trading

    /// `매수 체결 005930 10주 @ 70,100 (cross 0.70) 손익 +3,000원`
    package func fill(_ fill: FillNews) -> String {
        let price = groupedDigits("\(fill.price)")
        let amount = groupedDigits("\(fill.quantity)")
        let votes = fill.votes.isEmpty ? "" : " (\(fill.votes))"
        let won = fill.currency == "KRW"
        var text = say(
            "\(side(fill.side)) filled \(fill.symbol) \(amount) @ \(price)"
                + (won ? "" : " \(fill.currency)") + votes,
            "\(side(fill.side)) 체결 \(fill.symbol) \(amount)주 @ \(price)"
                + (won ? "" : " \(fill.currency)") + votes)
        if let realised = fill.realised {
            text += say(" P&L ", " 손익 ") + money(realised, fill.currency, isSigned: true)
        }
        return text
    }

    /// - Parameter reason: The risk gate's rule and numbers.
    package func notApproved(_ symbol: String, rule: String, detail: String) -> String {
        warning(
            say(
                "GR031 \(symbol) not approved: \(rule), \(detail)",
                "GR031 \(symbol) 주문 거부: \(rule), \(detail)"))
    }

    /// - Parameter symbol: `nil`: the account as a whole, which is worse.
    package func limitPassed(
        _ account: String, _ symbol: String?, rule: String, detail: String
    ) -> String {
        let what = symbol ?? account
        let text = say(
            "GR031 \(what) is past \(rule): \(detail). Its buys are ended",
            "GR031 \(what) \(rule) 한도 초과: \(detail). 매수 주문 취소")
        return symbol == nil ? critical(text) : warning(text)
    }

    /// - Parameters:
    ///   - part: `3/10`, what was filled of it; `nil`: nothing.
    ///   - reason: What the order came to, in words.
    package func orderEnded(_ symbol: String, _ order: String, part: String?, reason: String)
        -> String
    {
        warning(
            say(
                "Order \(order) \(symbol) ended \(part.map { "with \($0) filled" } ?? "without a fill"): \(reason)",
                "주문 \(order) \(symbol) \(part.map { "\($0) 체결 후 종료" } ?? "미체결 종료"): \(reason)"))
    }

    /// `Alert big move: 005930 70,100 · change(1d) <= -5%`
    package func alert(_ alert: AlertNews) -> String {
        // A rule's own words begin with its name.
        let name = alert.source + ": "
        let words =
            alert.words.hasPrefix(name) ? alert.words.dropFirst(name.count) : alert.words[...]
        var text = say("Alert ", "알림 ") + "\(name)\(alert.symbol)"
        if let price = alert.price {
            let won = alert.currency == "KRW"
            text += " " + groupedDigits("\(price)") + (won ? "" : " \(alert.currency)")
        }
        return text + (words.isEmpty ? "" : " · \(words)")
    }

    /// `[CRITICAL] Kill switch: account demo, by day loss −2.1 %`
    package func kill(isOn: Bool, part: String? = nil, reason: String) -> String {
        let of = part.map { " (\($0))" } ?? ""
        return critical(
            isOn
                ? say("Kill switch on\(of): \(reason)", "킬 스위치 작동\(of): \(reason)")
                : say("Kill switch off\(of): \(reason)", "킬 스위치 해제\(of): \(reason)"))
    }

    // MARK: Servers and runs

    package func server(_ name: String, _ trouble: RunNews.ServerTrouble, detail: String) -> String
    {
        let what =
            switch trouble {
            case .refused: say("was refused", "연결 거부됨")
            case .hung: say("hangs", "응답 없음")
            case .gone: say("is gone, and tried now and then", "끊김, 간격을 두고 재시도 중")
            case .quarantined: say("is in quarantine", "격리됨")
            case .released: say("is released from quarantine", "격리 해제")
            case .tookOver: say("has taken over", "역할 인계")
            }
        let isUrgent = trouble == .quarantined || trouble == .released
        let mark = isUrgent ? critical : warning
        return mark(
            say("Strategy server \(name) \(what)", "전략 서버 \(name) \(what)")
                + (detail.isEmpty ? "" : ": \(detail)"))
    }

    /// What an account has won or lost.
    package struct Profit: Hashable, Sendable {
        let name: String
        let amount: Money
        let currency: String
        package init(name: String, amount: Money, currency: String) {
            self.name = name
            self.amount = amount
            self.currency = currency
        }
    }

    package func runFinished(
        _ name: String, orders: Int, fills: Int, profits: [Profit]
    ) -> String {
        let counts = say(
            "orders \(groupedDigits("\(orders)")), fills \(groupedDigits("\(fills)"))",
            "주문 \(groupedDigits("\(orders)"))건, 체결 \(groupedDigits("\(fills)"))건")
        let lines = profits.map { profit in
            let whose = profits.count == 1 ? "" : profit.name + " "
            return say("P&L ", "손익 ") + whose
                + money(profit.amount, profit.currency, isSigned: true)
        }
        let head = say("Run finished: ", "실행 완료: ") + counts
        return ([head] + lines + [name]).joined(separator: "\n")
    }

    /// - Parameters:
    ///   - reason: Asked for, or what failed.
    ///   - left: To itself.
    package func runStopped(
        _ reason: String, isFailure: Bool, left: LeftOpen = LeftOpen()
    ) -> String {
        let head = say("Run stopped: ", "실행 중단: ") + reason
        let text = ([head] + leftOpen(left)).joined(separator: "\n")
        if isFailure, !left.isEmpty { return critical(text) }
        return isFailure || !left.isEmpty ? warning(text) : text
    }

    /// - Returns: A line for what there is.
    package func leftOpen(_ left: LeftOpen) -> [String] {
        func stays(_ count: Int, _ noun: String) -> String {
            "\(count) \(noun)\(count == 1 ? " stays" : "s stay") open"
        }
        let positions = say(
            stays(left.positions, "position") + ", guarded by nobody meanwhile",
            "보유 종목 \(left.positions)개는 그동안 아무도 지키지 않습니다")
        let orders = say(
            stays(left.orders, "order") + " at the broker and may fill meanwhile",
            "주문 \(left.orders)건이 증권사에 남아 있어 그사이 체결될 수 있습니다")
        return (left.positions > 0 ? [positions] : []) + (left.orders > 0 ? [orders] : [])
    }

    /// - Parameter positions: Still held at a broker outside by a run that is over; more than 0.
    package func leftBehind(_ positions: Int) -> String {
        say(
            "\(positions) position\(positions == 1 ? " stays" : "s stay") open at the broker, guarded by nobody",
            "보유 종목 \(positions)개가 증권사에 남아 있고, 지키는 것이 없습니다")
    }

    // MARK: Words

    package func side(_ side: Side) -> String {
        side == .buy ? say("BUY", "매수") : say("SELL", "매도")
    }
    func critical(_ text: String) -> String { "[CRITICAL] " + text }
    func warning(_ text: String) -> String { "[WARNING] " + text }

    /// With separators and currency, to the currency's own decimals; less than that is cut.
    package func money(_ money: Money, _ currency: String, isSigned: Bool = false) -> String {
        let hasNoCents = ["KRW", "JPY", "VND"].contains(currency)
        let step = hasNoCents ? Money.scale : Money.scale / 100
        let cut = Money(units: money.units / step * step)
        let sign = isSigned && cut.units > 0 ? "+" : ""
        let digits = sign + groupedDigits("\(cut)")
        if language == .ko, currency == "KRW" { return digits + "원" }
        return digits + " " + currency
    }
}

/// Thousands separators in the whole part of a decimal text.
func groupedDigits(_ text: String) -> String {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    var whole = ""
    for (index, digit) in (parts.first ?? "0").reversed().enumerated() {
        if index > 0, index % 3 == 0 { whole.append(",") }
        whole.append(digit)
    }
    return (isNegative ? "-" : "") + String(whole.reversed())
        + (parts.count > 1 ? "." + parts[1] : "")
}
