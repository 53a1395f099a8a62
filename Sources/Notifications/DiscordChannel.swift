import Foundation
package import HTTPTransport
package import Platform
package import Ports

/// A Discord channel, by a webhook.
///
/// Time: 5 s to connect, 15 s in all. Retry: none here. Idempotency: no key; a lost answer is an unknown outcome.
/// `wait=true`: without it a message that was not saved gives no error.
package struct DiscordChannel: MessageChannel {
    private let client: HTTPClient
    private let url: Secret
    private let mask: SecretMask
    /// The service's own pace comes with its answers; nothing is published.
    package let limits = ChannelLimits(length: 2_000)

    /// - Parameter webhook: The address that Discord shows: `https://discord.com/api/webhooks/…`.
    package init(_ client: HTTPClient, webhook: Secret) {
        self.client = client
        mask = SecretMask(webhook: webhook)
        url = webhook.withText { Secret($0 + ($0.contains("?") ? "&" : "?") + "wait=true") }
    }

    private struct Body: Encodable {
        let content: String
        let allowed_mentions = ["parse": [String]()]
    }

    package func deliver(_ letter: Letter) async -> Delivery {
        let text = letter.isPlain ? letter.text : Self.escaped(letter.text)
        return await post(
            Body(content: text), to: url, by: client, mask: mask, read: Self.delivery(of:))
    }

    /// Without accidental markdown, as long as that fits; the letter's length counts without it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "\\*_~`|>".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result.utf16.count <= 2_000 ? result : text
    }

    // MARK: Answers

    private struct Refusal: Decodable {
        let code: Int?
        let message: String?
        let retry_after: Double?
        let global: Bool?
    }

    static func delivery(of response: HTTPResponse) -> Delivery {
        let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(response.body))
        let words = spoken(refusal?.message, status: response.status)
        switch response.status {
        case 200, 204: return .delivered(pause: pause(after: response))
        case 429:
            let isGlobal =
                refusal?.global ?? (response[header: "X-RateLimit-Global"]?.lowercased() == "true")
            return .throttled(
                wait: retryWait(response, body: refusal?.retry_after), holdsLane: isGlobal)
        case 401: return .credentialsDead(words)
        case 403, 404:
            // Without a body of its own it comes from something in between, or the edge's ban.
            return refusal?.code == nil
                ? .transient("an answer that is not Discord's: HTTP \(response.status)")
                : .destinationDead(words)
        case 400, 413:
            return refusal?.code == 10015 ? .destinationDead(words) : .contentFault(words)
        default: return .transient(words)
        }
    }

    /// The bucket's own pace: with nothing left, until it is full again.
    private static func pause(after response: HTTPResponse) -> Int64 {
        guard response[header: "X-RateLimit-Remaining"].flatMap(Int.init) == 0,
            let reset = response[header: "X-RateLimit-Reset-After"].flatMap(Double.init),
            reset.isFinite, reset > 0
        else { return 0 }
        return Int64(min(reset, 3_600) * 1_000_000_000)
    }
}
