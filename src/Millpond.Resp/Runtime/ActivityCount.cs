namespace Millpond.Resp.Runtime;

/// <summary>Adds up what is under way, from one connection to the next.</summary>
internal sealed class ActivityCount
{
    private int _connections;
    private int _inFlight;
    private long _bufferBytes;

    public int Waiting { get; set; }

    public int Undelivered { get; init; }

    public RespActivity Result => new(_connections, _inFlight, Waiting, Undelivered, _bufferBytes);

    public void AddConnection(int inFlight, int waiting, long bufferBytes)
    {
        _connections++;
        _inFlight += inFlight;
        Waiting += waiting;
        _bufferBytes += bufferBytes;
    }
}
