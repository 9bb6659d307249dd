namespace Millpond.Resp.Dialing;

/// <summary>Makes streams to servers. Tests put a scripted server here, and a simulator a network.</summary>
internal interface IDialer
{
    ValueTask<Stream> DialAsync(RespEndpoint endpoint, CancellationToken cancellationToken);
}
