import Ports

/// What the outbox itself says.
extension Texts {
    var mayBeRepeated: String { say("(may be a repetition)", "(반복일 수 있음)") }

    /// `12 fills in 1 minute:`
    ///
    /// - Parameters:
    ///   - topic: What all of them are about; `nil` where they differ.
    ///   - span: ns between the first and the last; `nil` where it is not known.
    ///   - mark: Behind the head.
    func digestHead(count: Int, topic: Topic?, span: Int64?, mark: String) -> String {
        let number = groupedDigits("\(count)")
        guard let span else {
            return say(
                "\(number) \(english(topic))\(mark):", "\(korean(topic)) \(number)건\(mark):")
        }
        return say(
            "\(number) \(english(topic)) in \(duration(span))\(mark):",
            "\(duration(span)) 동안 \(korean(topic)) \(number)건\(mark):")
    }

    private func english(_ topic: Topic?) -> String {
        switch topic {
        case .fill: "fills"
        case .order: "orders not filled"
        case .alert: "alerts"
        case .kill: "kill switch messages"
        case .server: "server messages"
        case .run: "run messages"
        case .channel: "channel messages"
        case nil: "messages"
        }
    }

    private func korean(_ topic: Topic?) -> String {
        switch topic {
        case .fill: "체결"
        case .order: "미체결 주문"
        case .alert: "알림"
        case .kill: "킬 스위치"
        case .server: "서버 메시지"
        case .run: "실행 메시지"
        case .channel: "채널 메시지"
        case nil: "메시지"
        }
    }

    /// Rounded up to what people say: 1 second, 12 seconds, 1 minute, 5 minutes, 2 hours.
    private func duration(_ nanoseconds: Int64) -> String {
        let whole = nanoseconds / 1_000_000_000
        let seconds = max(1, nanoseconds % 1_000_000_000 > 0 ? whole + 1 : whole)
        func words(_ number: Int64, _ english: String, _ korean: String) -> String {
            say("\(number) \(english)\(number == 1 ? "" : "s")", "\(number)\(korean)")
        }
        if seconds < 60 { return words(seconds, "second", "초") }
        if seconds < 3_600 { return words((seconds + 59) / 60, "minute", "분") }
        return words((seconds + 3_599) / 3_600, "hour", "시간")
    }

    /// - Parameter clock: When it happened; empty where nobody knows.
    func digestLine(_ entry: OutboxEntry, clock: String, limit: Int) -> String {
        cutText((clock.isEmpty ? "" : clock + " ") + entry.line, limit: limit)
    }

    func andMore(_ count: Int) -> String {
        say("… and \(groupedDigits("\(count)")) more", "… 외 \(groupedDigits("\(count)"))건")
    }

    func onlyCounted(_ count: Int) -> String {
        say(
            "\(groupedDigits("\(count)")) messages could not be kept; the ledger has what they told",
            "보관하지 못한 메시지 \(groupedDigits("\(count)"))건; 내용은 원장에 있음")
    }

    func channelSilent(_ name: String, reason: String, isDead: Bool) -> String {
        warning(
            isDead
                ? say(
                    "Channel \(name) is dead: \(reason)", "채널 \(name) 사용 불가: \(reason)")
                : say(
                    "Channel \(name) does not answer: \(reason)",
                    "채널 \(name) 응답 없음: \(reason)"))
    }
}
