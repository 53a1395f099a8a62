import Foundation
package import HTTPTransport
package import Platform
package import Ports

/// A chat that a Telegram bot writes to, by `sendMessage`.
///
/// Time: 5 s to connect, 15 s in all. Retry: none here; the table of answers is in `delivery(of:)`. Idempotency: the
/// service has no key, so a lost answer is an unknown outcome.
package struct TelegramChannel: MessageChannel {
    private let client: HTTPClient
    private let url: Secret
    private let chat: Secret
    private let mask: SecretMask
    package let limits: ChannelLimits

    /// - Parameters:
    ///   - token: `<bot id>:<secret>`; a part of the address of every call.
    ///   - chat: A number, below 0 for groups, or `@channel`.
    ///   - base: Another server than Telegram's own.
    package init(
        _ client: HTTPClient, token: Secret, chat: Secret,
        base: String = "https://api.telegram.org"
    ) {
        self.client = client
        self.chat = chat
        mask = SecretMask(telegramToken: token)
        url = token.withText { Secret("\(base)/bot\($0)/sendMessage") }
        limits = Self.limits(isGroup: chat.withText { $0.hasPrefix("-") || $0.hasPrefix("@") })
    }

    /// 4096 units; 1 a second in a chat, 20 a minute in a group, 30 a second for a bot. The windows are a little
    /// wider: the other side's clock is not ours. A group's minute is spread: all of it at once would leave the group
    /// without word for the rest.
    static func limits(isGroup: Bool) -> ChannelLimits {
        let second: Int64 = 1_050_000_000
        let pace = ChannelLimits.Pace(1, in: isGroup ? 3_100_000_000 : second)
        return ChannelLimits(
            length: 4_096, paces: [pace], lanePaces: [.init(30, in: second)])
    }

    private struct Body: Encodable {
        let chat_id: String
        let text: String
        let parse_mode: String?
        let link_preview_options = ["is_disabled": true]
    }

    package func deliver(_ letter: Letter) async -> Delivery {
        let text = letter.isPlain ? letter.text : Self.markedUp(letter.text)
        let mode = letter.isPlain ? nil : "HTML"
        let body = chat.withText { chat in
            Body(chat_id: letter.address ?? chat, text: text, parse_mode: mode)
        }
        return await post(body, to: url, by: client, mask: mask, read: Self.delivery(of:))
    }

    /// The first line bold, the three characters escaped.
    static func markedUp(_ text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
        let line = escaped.prefix { !$0.isNewline }
        return line.isEmpty ? escaped : "<b>\(line)</b>\(escaped[line.endIndex...])"
    }

    // MARK: Answers

    private struct Answer: Decodable {
        struct Parameters: Decodable {
            let retry_after: Double?
            let migrate_to_chat_id: Int64?
        }
        let ok: Bool
        let description: String?
        let parameters: Parameters?
    }

    /// What an answer means; see Telegram's "Making requests". A body that is no JSON of its own comes from something in
    /// between: then nobody knows what became of a letter that was not refused.
    static func delivery(of response: HTTPResponse) -> Delivery {
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        let words = spoken(answer?.description, status: response.status)
        let stranger = strangeAnswer("Telegram", response)
        switch response.status {
        case 200..<300:
            return answer?.ok == true
                ? .delivered(pause: 0) : .unknownOutcome(answer == nil ? stranger : words)
        case 429:
            return .throttled(
                wait: retryWait(response, body: answer?.parameters?.retry_after), holdsLane: true)
        case 400..<500 where answer == nil: return .transient(stranger)
        case 400: return refused(answer, words)
        case 401, 404: return .credentialsDead(words)
        case 403: return .destinationDead(words)
        case 500...: return answer?.ok == false ? .transient(words) : .unknownOutcome(stranger)
        default: return .transient(answer == nil ? stranger : words)
        }
    }

    /// Words are at fault only where the service says so. Whatever else it refuses, known or not, it refuses for the chat:
    /// its messages wait for somebody who mends that.
    private static func refused(_ answer: Answer?, _ words: String) -> Delivery {
        if let chat = answer?.parameters?.migrate_to_chat_id { return .moved(to: String(chat)) }
        let faults = [
            "can't parse entities", "ENTITY_", "ENTITIES_", "message is too long",
            "MESSAGE_TOO_LONG", "text is empty", "MESSAGE_EMPTY",
        ]
        return faults.contains(where: words.contains)
            ? .contentFault(words) : .destinationDead(words)
    }
}
