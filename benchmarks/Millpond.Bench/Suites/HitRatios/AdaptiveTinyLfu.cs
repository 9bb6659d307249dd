namespace Millpond.Bench.Suites.HitRatios;

/// <summary>
/// Adaptive W-TinyLFU (Einziger, Friedman and Manes 2017; with Eytan 2018): a window and a segmented main queue, all three LRU, admission by frequency, and a window that climbs
/// towards the better hit ratio by trial. It sees every read, and counts exactly what others estimate.
/// </summary>
internal sealed class AdaptiveTinyLfu : IReplacement
{
    private const int FrequencyMax = 15;
    private const int ReadsPerEntry = 10;
    private const double ProtectedShare = 0.8;
    private const double StepShare = 0.0625;
    private const double StepDecay = 0.98;
    private const double RestartChange = 0.05;
    private const double WindowShareMin = 0.01;
    private const double WindowShareMax = 0.8;

    private readonly Trace _trace;
    private readonly long _bytesMax;
    private readonly long _entries;
    private readonly byte[] _frequency;
    private readonly LinkedListNode<int>?[] _held;
    private readonly Segment _window = new();
    private readonly Segment _probation = new();
    private readonly Segment _protected = new();
    private readonly Random _random = new(1);
    private double _windowBytesMax;
    private double _step;
    private double _ratioBefore;
    private long _hits;
    private long _reads;
    private long _counted;

    public AdaptiveTinyLfu(Trace trace, long bytesMax)
    {
        (_trace, _bytesMax, _entries) = (trace, bytesMax, Math.Max(4, trace.Distinct * bytesMax / trace.BytesOfAll));
        (_frequency, _held) = (new byte[trace.Distinct], new LinkedListNode<int>?[trace.Distinct]);
        (_windowBytesMax, _step) = (Math.Max(1, WindowShareMin * bytesMax), -StepShare * bytesMax);
    }

    public bool Read(int key, uint weight)
    {
        Count(key);
        var hit = _held[key] is not null;
        if (hit)
        {
            Renew(key);
        }
        else if (weight <= _bytesMax)
        {
            Enter(_window, key);
            MakeRoom();
        }

        Climb(hit);
        return hit;
    }

    private void Count(int key)
    {
        if (_frequency[key] < FrequencyMax)
        {
            _frequency[key]++;
        }

        if (++_counted >= ReadsPerEntry * _entries)
        {
            _counted /= 2;
            for (var i = 0; i < _frequency.Length; i++)
            {
                _frequency[i] >>= 1;
            }
        }
    }

    private void Renew(int key)
    {
        var segment = SegmentOf(key);
        Leave(key);
        Enter(segment == _window ? _window : _protected, key);
        while (_protected.Bytes > ProtectedShare * (_bytesMax - _windowBytesMax) && _protected.Keys.Count > 1)
        {
            Move(_protected, _probation);
        }
    }

    private void MakeRoom()
    {
        var candidates = new Queue<int>();
        while (_window.Bytes > _windowBytesMax)
        {
            candidates.Enqueue(Move(_window, _probation));
        }

        while (_window.Bytes + _probation.Bytes + _protected.Bytes > _bytesMax)
        {
            var victim = (_probation.Keys.First ?? _protected.Keys.First ?? _window.Keys.First!).Value;
            if (candidates.TryDequeue(out var candidate) && candidate != victim && !Wins(candidate, victim))
            {
                victim = candidate;
            }

            Leave(victim);
        }
    }

    private bool Wins(int candidate, int victim)
    {
        const int Warm = 6;
        const int Chance = 128;
        return _frequency[candidate] > _frequency[victim] || (_frequency[candidate] >= Warm && _random.Next(Chance) == 0);
    }

    private void Climb(bool hit)
    {
        _hits += hit ? 1 : 0;
        if (++_reads < ReadsPerEntry * _entries)
        {
            return;
        }

        var ratio = (double)_hits / _reads;
        var move = ratio >= _ratioBefore ? _step : -_step;
        _step = Math.Abs(ratio - _ratioBefore) >= RestartChange ? StepShare * _bytesMax * Math.Sign(move) : StepDecay * move;
        (_ratioBefore, _hits, _reads) = (ratio, 0, 0);
        _windowBytesMax = Math.Clamp(_windowBytesMax + move, Math.Max(1, WindowShareMin * _bytesMax), WindowShareMax * _bytesMax);
        while (_window.Bytes < _windowBytesMax - 1 && (_probation.Keys.Count > 0 || _protected.Keys.Count > 0))
        {
            Move(_probation.Keys.Count > 0 ? _probation : _protected, _window);
        }
    }

    private Segment SegmentOf(int key) => _held[key]!.List == _window.Keys ? _window : _held[key]!.List == _probation.Keys ? _probation : _protected;

    private int Move(Segment from, Segment to)
    {
        var key = from.Keys.First!.Value;
        Leave(key);
        Enter(to, key);
        return key;
    }

    private void Enter(Segment segment, int key)
    {
        _held[key] = segment.Keys.AddLast(key);
        segment.Bytes += _trace.WeightOf(key);
    }

    private void Leave(int key)
    {
        var segment = SegmentOf(key);
        segment.Keys.Remove(_held[key]!);
        segment.Bytes -= _trace.WeightOf(key);
        _held[key] = null;
    }

    private sealed class Segment
    {
        public LinkedList<int> Keys { get; } = new();

        public long Bytes { get; set; }
    }
}
