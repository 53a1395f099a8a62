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
        url = webhook.withText { Secret(Self.address(of: $0)) }
    }

    /// With `wait=true`, whatever it says of that itself: else a message that has arrived would look like one that has not.
    static func address(of webhook: String) -> String {
        let parts = webhook.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1)
        let query = (parts.dropFirst().first ?? "").split(separator: "&").filter {
            $0 != "wait" && !$0.hasPrefix("wait=")
        }
        let place = String(parts.first ?? "")
        return place + "?" + (query + ["wait=true"]).joined(separator: "&")
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

    /// The message as it was saved.
    private struct Saved: Decodable {
        let id: String
    }

    private struct Refusal: Decodable {
        let code: Int?
        let message: String?
        let retry_after: Double?
        let global: Bool?
    }

    /// What an answer means. Discord gives a saved message its id, and a refusal its code: without them an answer comes
    /// from something in between, the edge's ban among it, or from an address that is not Discord's.
    static func delivery(of response: HTTPResponse) -> Delivery {
        let body = Data(response.body)
        let refusal = try? JSONDecoder().decode(Refusal.self, from: body)
        let words = spoken(refusal?.message, status: response.status)
        let stranger = strangeAnswer("Discord", response)
        switch response.status {
        case 200..<300:
            let saved = try? JSONDecoder().decode(Saved.self, from: body)
            guard saved != nil else { return .unknownOutcome(stranger) }
            return .delivered(pause: pause(after: response))
        case 429:
            let isGlobal =
                refusal?.global ?? (response[header: "X-RateLimit-Global"]?.lowercased() == "true")
            return .throttled(
                wait: retryWait(response, body: refusal?.retry_after), holdsLane: isGlobal)
        case 500...: return refusal?.code == nil ? .unknownOutcome(stranger) : .transient(words)
        case 400..<500:
            guard let code = refusal?.code else { return .transient(stranger) }
            return refused(response.status, code, words)
        default: return .transient(stranger)
        }
    }

    /// Words are at fault only where the service says so; whatever else is refused waits for somebody who mends it.
    private static func refused(_ status: Int, _ code: Int, _ words: String) -> Delivery {
        let faults = [40005, 50006, 50035]
        switch status {
        case 401: return .credentialsDead(words)
        case 403, 404: return .destinationDead(words)
        case 400, 413: return faults.contains(code) ? .contentFault(words) : .destinationDead(words)
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
