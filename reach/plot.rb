# frozen_string_literal: true

# libemb from Ruby: ruby plot.rb FILE
#
# Fiddle reads C prototypes, so emb.h is what it is given. Structures it would take one by one;
# they are packed here, and "p" in a format keeps what it points to.

require 'fiddle/import'

module Emb
  extend Fiddle::Importer
  dlload ENV.fetch('EMB_LIBRARY') { File.join(__dir__, '../target/release/libemb.so') }

  typealias 'emb_status', 'int'
  typealias 'emb_handle', 'unsigned long long'
  header = File.read(File.join(__dir__, '../include/emb.h'))
  header.scan(/^typedef \w+ \(\*(\w+)\)/) { |(function)| typealias function, 'void *' }
  header.scan(/^#define EMB_(\w+) (-?\d+)$/) { |name, number| const_set(name, number.to_i) }
  header.scan(/^(?:emb_status|uint32_t) emb_\w+\([^;]*\);/) { |prototype| extern prototype }

  VALUE = 16 # bytes: kind, length, payload
  ERROR = 'QlLJqJqQ' # emb_error, which has no gaps
  class Error < StandardError; end
end

def utf8(address, length) = Fiddle::Pointer.new(address)[0, length].force_encoding('UTF-8')

def check(status)
  return if status == Emb::OK

  error = [56, 0, 0, 0, 0, 0, 0, 0].pack(Emb::ERROR)
  Emb.emb_error_take(error)
  _, _, _, type_name, type_length, message, length, exception = error.unpack(Emb::ERROR)
  Emb.emb_object_free(exception)
  raise Emb::Error, "#{utf8(type_name, type_length)}: #{utf8(message, length)}"
end

# A function's output, of `bytes` bytes
def output(bytes, format)
  memory = String.new("\0" * bytes)
  check(yield(memory))
  memory.unpack(format).last
end

def text(string) = ['LLp', Emb::TEXT, string.bytesize, string]
def int(number) = ['LLq', Emb::INT, 0, number]
def real(number) = ['LLd', Emb::FLOAT, 0, number]
def object(handle) = ['LLQ', Emb::OBJECT, 0, handle]
def list(items) = ['LLp', Emb::LIST, items.size, values(items)]
def dict(pairs) = ['LLp', Emb::DICT, pairs.size, values(pairs.flatten(1))]
def values(list) = list.flat_map { |_, *fields| fields }.pack(list.map(&:first).join)

NONE = ['LLQ', Emb::NONE, 0, 0].freeze

def import(name) = output(8, 'Q') { |out| Emb.emb_import(name, name.bytesize, out) }

# of.name(*args, **keywords), with an object as the result
def call(of, name, *args, **keywords)
  all = values(args + keywords.values)
  names = keywords.keys.join(',') unless keywords.empty?
  output(Emb::VALUE, 'LLQ') do |result|
    Emb.emb_call_method(of, name, name.bytesize, all, args.size, names, Emb::NUL_TERMINATED,
                        Emb::RESULT_OBJECT, result)
  end
end

# Memory of the C heap, which Ruby's garbage collector frees, but does not move
def doubles(numbers)
  memory = Fiddle::Pointer.malloc(8 * numbers.size, Fiddle::RUBY_FREE)
  memory[0, memory.size] = numbers.pack('d*')
  memory
end

def array(memory)
  shape = [memory.size / 8].pack('q')
  output(8, 'Q') do |out|
    Emb.emb_array_from_ptr(memory, 'float64', Emb::NUL_TERMINATED, 1, shape, nil,
                           Emb::RELEASE_QUEUE, nil, memory, out)
  end
end

def share
  memory = doubles([3, 1, 2])
  sorted = array(memory)
  call(sorted, 'sort')
  puts format('shared     %g %g %g', *memory[0, memory.size].unpack('d*'))

  check(Emb.emb_object_free(sorted))
  check(Emb.emb_run('', Emb::NUL_TERMINATED, nil, 0, 0)) # enters Python, which drops it
  released = String.new("\0" * 8)
  puts "released   #{output(8, 'J') { |count| Emb.emb_released(released, 1, count) }}"
end

# An exception must not leave a callback: raise it in Python, and return its status.
class WordLength < Fiddle::Closure
  def initialize
    super(Fiddle::TYPE_INT, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T,
                             Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG_LONG, Fiddle::TYPE_VOIDP])
  end

  def call(_userdata, args, _nargs, _keywords, _keywords_length, _result)
    _kind, length = args[0, Emb::VALUE].unpack('LL')
    if length.zero?
      return Emb.emb_error_raise('ValueError', Emb::NUL_TERMINATED, 'an empty word',
                                 Emb::NUL_TERMINATED)
    end
    Emb.emb_callback_return(values([int(length)]))
  end
end

def call_back(builtins)
  callback = WordLength.new # to be kept as long as Python may call it
  key = output(8, 'Q') do |out|
    Emb.emb_callback_new('word_length', Emb::NUL_TERMINATED, nil, 0, callback, nil,
                         Emb::RESULT_AUTO | Emb::ONE_THREAD, nil, out)
  end
  words = %w[cherry fig lemon].map { |word| text(word) }
  sorted = call(builtins, 'sorted', list(words), key: object(key))
  shown = String.new("\0" * Emb::VALUE)
  check(Emb.emb_object_text(sorted, Emb::TEXT_REPR, shown))
  _kind, length, address = shown.unpack('LLJ')
  puts "callback   #{utf8(address, length)}"
  begin
    call(builtins, 'sorted', list([text('fig'), text(''), text('lemon')]), key: object(key))
  rescue Emb::Error => e
    puts "raised     #{e.message}"
  end
  check(Emb.emb_object_free(sorted))
  check(Emb.emb_object_free(key))
end

def oscillate(points)
  x = 0.1
  y = 0.0
  Array.new(points) do
    x += 0.03 * y
    y += 0.03 * ((1 - x * x) * y - x)
    [x, y]
  end.transpose
end

def plot(path)
  xs, ys = oscillate(1000).map { |numbers| doubles(numbers) }
  call(import('matplotlib'), 'use', text('agg'))
  pyplot = import('matplotlib.pyplot')
  call(pyplot, 'plot', object(array(xs)), object(array(ys)), color: text('teal'),
                                                             linewidth: real(1.5))
  call(pyplot, 'title', text("Van der Pol's oscillator"))
  call(pyplot, 'savefig', text(path), dpi: int(80), metadata: dict([[text('Software'), NONE]]))
  check(Emb.emb_shutdown) # while Ruby still keeps xs and ys
end

abort 'usage: plot.rb FILE' unless ARGV.size == 1
abort 'another version of libemb' if Emb.emb_abi_version != Emb::ABI_VERSION
check(Emb.emb_init(nil))
puts "abi        #{Emb.emb_abi_version}"
share
builtins = import('builtins')
call_back(builtins)
begin
  call(builtins, 'int', text('ten'))
rescue Emb::Error => e
  puts "exception  #{e.message}"
end
plot(ARGV[0])
puts 'picture    drawn'
