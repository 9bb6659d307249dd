using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millpond.AspNetCore;

namespace Millpond.Server.Calling;

/// <summary>The program whose cache is asked.</summary>
internal sealed class RunningProgram(Uri prefix, string secret, HttpMessageHandler way) : IDisposable
{
    // An answer waits for a shared tier at the other side, and a retry of dead letters for a database.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(way) { Timeout = Patience };

    public Task<Said> GetAsync(string path, CancellationToken stop) => AskAsync(HttpMethod.Get, path, null, stop);

    public Task<Said> PostAsync<T>(string path, T ask, JsonTypeInfo<T> type, CancellationToken stop) =>
        AskAsync(HttpMethod.Post, path, new StringContent(JsonSerializer.Serialize(ask, type), Encoding.UTF8, "application/json"), stop);

    public void Dispose() => _http.Dispose();

    private async Task<Said> AskAsync(HttpMethod method, string path, HttpContent? content, CancellationToken stop)
    {
        var address = new Uri($"{prefix.AbsoluteUri.TrimEnd('/')}/{path}");
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        try
        {
            using var response = await _http.SendAsync(request, stop).ConfigureAwait(false);
            return Judge(response.StatusCode, await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false), address);
        }
        catch (HttpRequestException away)
        {
            return new(ExitCode.NotReachable, "", $"Nobody answers at {address}: {away.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(ExitCode.NotReachable, "", $"{address} did not answer within {Patience.TotalSeconds:F0} s. What was asked may have been done; asking again is safe.");
        }
    }

    private static Said Judge(HttpStatusCode status, string body, Uri address) => status switch
    {
        HttpStatusCode.OK => new(ExitCode.Done, body, null),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(ExitCode.Refused, body, $"{address} does not know this secret."),
        HttpStatusCode.NotFound when RefusalOf(body) is null => new(ExitCode.Refused, body, $"There is nothing of Millpond's at {address}. Is the URL the prefix that the program maps its endpoints under (MapMillpondPurge, MapMillpondAdmin)?"),
        _ => new(
            status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout ? ExitCode.NotReachable : ExitCode.Refused,
            body,
            RefusalOf(body) is { } refusal ? Say(refusal) : $"{address} answered {(int)status}."),
    };

    private static string Say(Refusal refusal) => refusal.UnreadableKeys is { Count: > 0 } keys ? $"{refusal.Detail}{Environment.NewLine}No keys: {string.Join(", ", keys.Select(key => $"'{key}'"))}" : refusal.Detail;

    private static Refusal? RefusalOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, Wire.Default.Refusal) is { Detail: not null } refusal ? refusal : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What came of asking.</summary>
/// <param name="Code">What the program ends with.</param>
/// <param name="Body">What was answered, word for word.</param>
/// <param name="Problem">What went wrong, for people; null if nothing.</param>
internal sealed record Said(ExitCode Code, string Body, string? Problem);
