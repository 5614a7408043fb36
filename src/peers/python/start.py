"""How long ./itprompt takes to start, beside a JVM that only prints a line: python3 src/peers/python/start.py [rounds] [JDK]

Every round starts all of them in turn. Minimum and median of the rounds (by default 20) in milliseconds, and how many times as long as the
bare JVM each took. The first round, in which the launcher may build, is not counted.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
BARE = 'a bare JVM'
COMMANDS = ['--version', '--help', 'train --help', 'campaign run --help', 'methods', 'config']


def milliseconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - start)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    shown = subprocess.run([ROOT / 'itprompt', '--show-command'], check=True, stdout=subprocess.PIPE, text=True).stdout
    java = pathlib.Path(sys.argv[2], 'bin', 'java') if len(sys.argv) > 2 else pathlib.Path(shown.split()[0])
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, 'Hello.java')
        source.write_text('class Hello { public static void main(String[] words) { System.out.println("hello"); } }\n')
        subprocess.run([java.with_name('javac'), source], check=True)
        commands = {BARE: [java, '-cp', folder, 'Hello']}
        commands |= {words: [ROOT / 'itprompt', *words.split()] for words in COMMANDS}
        times = {name: [] for name in commands}
        for counted in range(rounds + 1):
            for name, command in commands.items():
                took = milliseconds(command)
                if counted:
                    times[name].append(took)
    print(f'{"":22}{"minimum":>9}{"ratio":>7}{"median":>9}{"ratio":>7}')
    for name, took in times.items():
        print(f'{name:22}{min(took):9.0f}{min(took) / min(times[BARE]):7.1f}{statistics.median(took):9.0f}'
              f'{statistics.median(took) / statistics.median(times[BARE]):7.1f}')


if __name__ == '__main__':
    main()
