import HTTPTransport
import Ports
import TestKit
import Testing

@testable import Notifications

/// Whatever a service, or what stands in between, answers: it means something, and no wait is for ever.
@Suite struct ChannelAnswerFuzzTests {
    private static let bodies = Mutator(
        [
            #"{"ok":true,"result":{"message_id":7}}"#,
            #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}"#,
            #"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1001234}}"#,
            #"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
            #"{"message":"You are being rate limited.","retry_after":0.3,"global":false}"#,
            #"{"code":10015,"message":"Unknown Webhook"}"#,
            #"{"id":"1","content":"x","message":"500: Internal Server Error","code":0}"#,
            "<html><body>502 Bad Gateway</body></html>", "",
        ],
        words: [
            "retry_after", "parameters", "null", "true", "{", "}", "[", "\"", "\\u0000", "global",
            "code", "10015", "migrate_to_chat_id", "id", "ok",
        ])
    private static let headers = [
        "Retry-After", "retry-after", "X-RateLimit-Remaining", "X-RateLimit-Reset-After",
        "X-RateLimit-Global", "Content-Type",
    ]
    private static let values = [
        "0", "1", "3", "-1", "0.5", "1e308", "inf", "nan", "99999999999999999999", "", "true",
        "Wed, 21 Oct 2015 07:28:00 GMT", "٣",
    ]
    private static let statuses = [
        0, 100, 200, 204, 301, 307, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504, 599, 999,
    ]

    @Test(arguments: 0..<trials(8 as UInt64)) func everyAnswerMeansSomething(_ seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed {
            let headers = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (name: random.pick(Self.headers), value: random.pick(Self.values))
            }
            let response = HTTPResponse(
                status: random.pick(Self.statuses), headers: headers,
                body: Self.bodies.next(&random))
            for delivery in [
                TelegramChannel.delivery(of: response), DiscordChannel.delivery(of: response),
            ] {
                check(delivery, response)
            }
        }
    }

    private func check(_ delivery: Delivery, _ response: HTTPResponse) {
        let hour: Int64 = 3_600_000_000_000
        // Of JSON at least: the services say nothing without.
        let isObject = response.body.contains(UInt8(ascii: "{"))
        switch delivery {
        case .delivered(let pause):
            #expect((200..<300).contains(response.status) && isObject, "\(response)")
            #expect((0...hour).contains(pause), "\(response)")
        case .throttled(let wait, _):
            #expect(response.status == 429 && (0...24 * hour).contains(wait), "\(response)")
        case .transient(let words):
            #expect(isObject || !(200..<300).contains(response.status), "\(response)")
            #expect(isObject || response.status < 500, "it may have been taken: \(response)")
            #expect(!words.isEmpty && words.count < 2_000, "\(response)")
        case .contentFault(let words), .destinationDead(let words), .credentialsDead(let words):
            #expect(isObject && (400..<500).contains(response.status), "\(response)")
            #expect(!words.isEmpty && words.count < 2_000, "\(response)")
        case .unknownOutcome(let words):
            #expect(!words.isEmpty && words.count < 2_000, "\(response)")
        case .moved(let address): #expect(Int64(address) != nil, "\(response)")
        }
    }
}
