using System.Globalization;

namespace Millpond.Resp.Probing;

/// <summary>
/// Names the lives of one node's data. Where a server says its run and its replication history, those two are the name, and all clients find the same one; a
/// history that runs back, as after a restore under the same names, adds a number. Where it says neither, every new connection begins another life: it cannot be told whether the server went on.
/// </summary>
internal sealed class IncarnationWatch
{
    private readonly Lock _gate = new();
    private string? _seen;
    private long _offset = -1;
    private int _rollbacks;
    private long _unknown;

    public RespServer Name(RespServer server)
    {
        lock (_gate)
        {
            if (server.RunId is null && server.ReplicationId is null)
            {
                return server with { Incarnation = string.Create(CultureInfo.InvariantCulture, $"unknown:{++_unknown}") };
            }

            var name = $"{server.RunId}:{server.ReplicationId}";
            if (name == _seen && server.ReplicationOffset >= 0 && server.ReplicationOffset < _offset)
            {
                _rollbacks++;
            }

            // A primary's offset stands still where nobody follows, and then says nothing.
            (_seen, _offset) = (name, server.ReplicationOffset);
            return server with { Incarnation = _rollbacks == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{_rollbacks}") };
        }
    }
}
