import Platform
import Ports
import TradingModel

/// What became of a test message, and what to do about it.
struct ChannelTrial {
    let channel: ChannelSetting
    let took: Nanoseconds

    func finding(_ delivery: Delivery) -> Finding {
        switch delivery {
        case .delivered: delivered
        case .throttled(let wait, _):
            wrong(
                "not sent: \(kind) takes nothing for \(span(wait))",
                next: "wait that long, then try again; others may write through the same bot")
        case .transient(let words): unreached(words)
        case .contentFault(let words):
            wrong(
                "\(kind) refused the message: \(words)", next: "see whether url and chat are right")
        case .destinationDead(let words):
            wrong("\(kind) refused: \(words)", next: destination(words))
        case .credentialsDead(let words): wrong("\(kind) refused: \(words)", next: credentials)
        case .moved(let address):
            wrong(
                "not sent: the group has a new number",
                next: "write chat: \"\(printable(address))\" into the configuration")
        case .unknownOutcome(let words):
            wrong(
                "sent, and no good answer: \(words)",
                next: (isStrange(words) ? strangeNext + "; " : "")
                    + "it may have arrived: look there before you try again")
        }
    }

    private var delivered: Finding {
        if case .console = channel.place {
            return .good("\(channel.name): shown where a run is shown; nothing to send")
        }
        // Who reads it may wait for fills that are not told there.
        let level =
            channel.from == .info
            ? "" : "; a run tells it \(channel.from) and what is graver"
        return .good(
            "\(channel.name): test message sent, \(kind) took it in \(span(took.count))\(level)")
    }

    /// Not the service itself has answered.
    private func isStrange(_ words: String) -> Bool {
        words.hasPrefix("an answer that is not \(kind)'s")
    }

    private var strangeNext: String {
        let place =
            if case .telegram(_, _, let url) = channel.place { "url \(url)" } else {
                "the webhook's address"
            }
        return "see whether \(place) is right, and what stands between (https_proxy)"
    }

    private func unreached(_ words: String) -> Finding {
        if isStrange(words) { return wrong("not sent: \(words)", next: strangeNext) }
        let next =
            words.hasPrefix("HTTP ") || words.contains("Server")
            ? "the service has trouble of its own: try again later"
            : "see whether this machine reaches it: network, name, proxy (https_proxy)\(address)"
        return wrong("not sent: \(words)", next: next)
    }

    private var address: String {
        if case .telegram(_, _, let url) = channel.place { ", url \(url)" } else { "" }
    }

    /// What a person does in the chat, by the service's own words.
    private func destination(_ words: String) -> String {
        guard case .telegram(_, let chat, _) = channel.place else {
            return words.contains("Unknown Webhook")
                ? "the webhook is gone: make a new one (Edit Channel, Integrations, Webhooks)"
                : "see whether the webhook's address is right and its channel one of text, or make"
                    + " a new one (Edit Channel, Integrations, Webhooks)"
        }
        if words.contains("not found") || words.contains("chat_id is empty") {
            return chat.hasPrefix("-") || chat.hasPrefix("@")
                ? "add the bot to \(chat), or correct chat"
                : "write /start to the bot from chat \(chat), or correct chat"
        }
        if words.contains("blocked") { return "unblock the bot in chat \(chat), and write /start" }
        if words.contains("deactivated") || words.contains("deleted") {
            return "nobody is there any more: give another chat"
        }
        return "add the bot to chat \(chat) and let it write there"
    }

    private var credentials: String {
        switch channel.place {
        case .telegram(_, _, let url):
            "take the token from @BotFather again, and put it where the configuration reads it;"
                + " url is \(url)"
        case .discord:
            "copy the webhook's address again: Edit Channel, Integrations, Webhooks"
        case .console: "try again"
        }
    }

    private var kind: String { channel.place.kind }
    private func span(_ nanoseconds: Int64) -> String { NumberWords.span(Nanoseconds(nanoseconds)) }
    private func wrong(_ what: String, next: String) -> Finding {
        .wrong("\(channel.name): \(printable(what))", next: next, .refused)
    }
}
