import Notifications
import Platform
import Ports

extension ConfigurationLoader {
    mutating func readChannels(_ root: Section) {
        for (name, section) in root.namedSections("channels") {
            if !Formats.isName(name) {
                section.report(nil, "'\(name)' is not \(Formats.name.expectation)")
            }
            let kinds = ["telegram", "discord", "console"]
            guard
                let kind = section.required(
                    "kind", .choice("a kind of channel", kinds.map { ($0, $0) }))
            else {
                section.leave()
                continue
            }
            let language = section.value(
                "language", .choice("a language", of: Language.self), default: .en)
            let from = section.value("from", Self.severity, default: .info)
            guard let place = place(kind, section) else { continue }
            add(ChannelSetting(name: name, language: language, place: place, from: from))
        }
    }

    private func place(_ kind: String, _ section: Section) -> ChannelSetting.Place? {
        switch kind {
        case "telegram":
            let token = section.required("token", .secret)
            let chat = section.required("chat", Self.chat)
            let url = section.value("url", Self.url, default: "https://api.telegram.org")
            if let token, !token.withText(Self.isToken) {
                section.report(
                    "token", "this is no token of a bot",
                    advice: "@BotFather gives one: a number, a colon, letters and digits")
                return nil
            }
            guard let token, let chat else { return nil }
            return .telegram(token: token, chat: chat, url: url)
        case "discord":
            guard let webhook = section.required("webhook", .secret) else { return nil }
            guard webhook.withText(Self.isAddress) else {
                section.report(
                    "webhook", "this is no https address",
                    advice: "copy it from Discord: Edit Channel, Integrations, Webhooks")
                return nil
            }
            return .discord(webhook: webhook)
        default: return .console
        }
    }

    /// What concerns the host's own safety is as grave as what is critical.
    private static var severity: ValueFormat<Severity> {
        .choice(
            "a severity", [("info", .info), ("warning", .warning), ("critical", .critical)])
    }

    /// Everything that it may hold goes into an address as it is.
    private static func isToken(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && Int64(parts[0]).map { $0 > 0 } == true && !parts[1].isEmpty
            && parts[1].allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0))
            }
    }

    private static var chat: ValueFormat<String> {
        .parsed("a chat's number, such as 12345678 or -1001234567890, or @channel") { text in
            let isName = text.hasPrefix("@") && text.count > 1
            return isName || Int64(text) != nil ? text : nil
        }
    }

    private static var url: ValueFormat<String> {
        .parsed("an https address; plain http only of this machine") { text in
            isAddress(text) ? (text.hasSuffix("/") ? String(text.dropLast()) : text) : nil
        }
    }

    /// The transport refuses the rest as well; here it is told before a run begins.
    private static func isAddress(_ text: String) -> Bool {
        guard !text.contains(where: { $0.isWhitespace || $0.isNewline }) else { return false }
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        let isLocal = local.contains { host in
            text.hasPrefix(host) && [nil, ":", "/"].contains(text.dropFirst(host.count).first)
        }
        return isLocal || (text.hasPrefix("https://") && text.count > 8)
    }

    /// Where a rule's alert goes; `nil`: to every channel.
    func channels(_ section: Section, of isAlert: Bool) -> [String]? {
        guard let names = section.list("channels", of: .string) else { return nil }
        if !isAlert {
            section.report(
                "channels", "only an alert chooses its channels",
                advice: "leave it out: what is ordered and filled is told on every channel")
        }
        let known = configuration.channels.map(\.name)
        for name in names where !known.contains(name) {
            section.reportUnknown("channels", name, "a channel", allowed: known)
        }
        return names
    }
}
