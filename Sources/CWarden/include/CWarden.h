// The warden: a small process without threads that forks a keeper for each program.
#ifndef CWARDEN_H
#define CWARDEN_H

#endif
