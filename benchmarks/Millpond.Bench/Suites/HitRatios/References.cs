namespace Millpond.Bench.Suites.HitRatios;

/// <summary>What was used least recently goes.</summary>
internal sealed class Lru(Trace trace, long bytesMax) : IReplacement
{
    private readonly LinkedListNode<int>?[] _held = new LinkedListNode<int>?[trace.Distinct];
    private readonly LinkedList<int> _order = new();
    private long _bytes;

    public bool Read(int key, uint weight)
    {
        if (_held[key] is { } node)
        {
            _order.Remove(node);
            _order.AddLast(node);
            return true;
        }

        if (weight > bytesMax)
        {
            return false;
        }

        _held[key] = _order.AddLast(key);
        for (_bytes += weight; _bytes > bytesMax; _bytes -= trace.WeightOf(_order.First!.Value), _order.RemoveFirst())
        {
            _held[_order.First!.Value] = null;
        }

        return false;
    }
}

/// <summary>
/// S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi 2023): a small queue of a tenth, a main queue with second chances, and the keys of what the small queue
/// let go, as many bytes' worth as main holds.
/// </summary>
internal sealed class S3Fifo(Trace trace, long bytesMax) : IReplacement
{
    private readonly byte[] _uses = new byte[trace.Distinct];
    private readonly Place[] _place = new Place[trace.Distinct];
    private readonly Queue<int> _small = new();
    private readonly Queue<int> _main = new();
    private readonly Queue<int> _ghost = new();
    private long _smallBytes;
    private long _mainBytes;
    private long _ghostBytes;

    private enum Place : byte
    {
        Gone,
        Small,
        Main,
        Ghost,
    }

    public bool Read(int key, uint weight)
    {
        if (_place[key] is Place.Small or Place.Main)
        {
            _uses[key] = (byte)Math.Min(3, _uses[key] + 1);
            return true;
        }

        if (weight > bytesMax)
        {
            return false;
        }

        while (_smallBytes + _mainBytes + weight > bytesMax)
        {
            if (_main.Count == 0 || (_small.Count > 0 && _smallBytes >= bytesMax / 10))
            {
                EvictFromSmall();
            }
            else
            {
                EvictFromMain();
            }
        }

        _uses[key] = 0;
        if (_place[key] == Place.Ghost)
        {
            Enter(Place.Main, _main, ref _mainBytes, key);
        }
        else
        {
            Enter(Place.Small, _small, ref _smallBytes, key);
        }

        return false;
    }

    private void EvictFromSmall()
    {
        while (_small.TryDequeue(out var key))
        {
            _smallBytes -= trace.WeightOf(key);
            if (_uses[key] <= 1)
            {
                Enter(Place.Ghost, _ghost, ref _ghostBytes, key);
                while (_ghostBytes > bytesMax * 9 / 10)
                {
                    Forget();
                }

                return;
            }

            _uses[key] = 0;
            Enter(Place.Main, _main, ref _mainBytes, key);
        }
    }

    private void EvictFromMain()
    {
        while (_main.TryDequeue(out var key))
        {
            _mainBytes -= trace.WeightOf(key);
            if (_uses[key] == 0)
            {
                _place[key] = Place.Gone;
                return;
            }

            _uses[key]--;
            Enter(Place.Main, _main, ref _mainBytes, key);
        }
    }

    // A key that came back from the ghost queue is still in it, but somewhere else by now.
    private void Forget()
    {
        var key = _ghost.Dequeue();
        _ghostBytes -= trace.WeightOf(key);
        if (_place[key] == Place.Ghost)
        {
            _place[key] = Place.Gone;
        }
    }

    private void Enter(Place place, Queue<int> queue, ref long bytes, int key)
    {
        _place[key] = place;
        queue.Enqueue(key);
        bytes += trace.WeightOf(key);
    }
}

/// <summary>
/// Belady's optimum (1966), which knows the future: what is read again last goes, be it what has just been read. Optimal for entries of one size; by bytes it is only a bound
/// that nothing has been seen to pass.
/// </summary>
internal sealed class Belady : IReplacement
{
    private readonly Trace _trace;
    private readonly long _bytesMax;
    private readonly int[] _nextAfter;
    private readonly int[] _next;
    private readonly bool[] _held;
    private readonly PriorityQueue<int, int> _latestFirst = new();
    private long _bytes;
    private int _reads;

    public Belady(Trace trace, long bytesMax)
    {
        (_trace, _bytesMax) = (trace, bytesMax);
        (_next, _held, _nextAfter) = (new int[trace.Distinct], new bool[trace.Distinct], new int[trace.Keys.Length]);
        Array.Fill(_next, int.MaxValue);
        for (var i = trace.Keys.Length - 1; i >= 0; i--)
        {
            _nextAfter[i] = _next[trace.Keys[i]];
            _next[trace.Keys[i]] = i;
        }
    }

    public bool Read(int key, uint weight)
    {
        var hit = _held[key];
        _next[key] = _nextAfter[_reads++];
        if (weight > _bytesMax)
        {
            return false;
        }

        _bytes += hit ? 0 : weight;
        _held[key] = true;
        _latestFirst.Enqueue(key, -_next[key]);
        while (_bytes > _bytesMax && _latestFirst.TryDequeue(out var last, out var negated))
        {
            // A key stands here once for each read; only the newest says when it is next read.
            if (_held[last] && _next[last] == -negated)
            {
                _held[last] = false;
                _bytes -= _trace.WeightOf(last);
            }
        }

        return hit;
    }
}
